import type { Migration } from '../../../db/database.ts';

export const alarms: Migration = {
  name: '0002-alarms',
  async up(tx) {
    await tx.schema
      .createTable('cloudwatch_alarm')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('every_ms', 'integer', (c) => c.notNull())
      .addColumn('revision', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_alarm_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_alarm_wheel')
      .on('cloudwatch_alarm')
      .columns(['every_ms', 'account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('cloudwatch_history')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('alarm_name', 'text', (c) => c.notNull())
      .addColumn('alarm_type', 'text', (c) => c.notNull())
      .addColumn('item_type', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_history_pk', ['account_id', 'region', 'at', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_history_by_alarm')
      .on('cloudwatch_history')
      .columns(['account_id', 'region', 'alarm_name', 'at', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_history_oldest')
      .on('cloudwatch_history')
      .column('at')
      .execute();
    await tx.schema
      .createTable('cloudwatch_action')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('cloudwatch_tick')
      .addColumn('every_ms', 'integer', (c) => c.primaryKey())
      .addColumn('number', 'bigint', (c) => c.notNull())
      .execute();
  },
};
