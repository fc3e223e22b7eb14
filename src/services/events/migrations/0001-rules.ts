import type { Migration } from '../../../db/database.ts';

export const rules: Migration = {
  name: '0001-rules',
  async up(tx) {
    const ofAccount = (table: string) =>
      tx.schema
        .createTable(table)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull());
    await ofAccount('events_bus')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_bus_pk', ['account_id', 'region', 'name'])
      .execute();
    await ofAccount('events_rule')
      .addColumn('bus', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('next_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_rule_pk', ['account_id', 'region', 'bus', 'name'])
      .execute();
    await tx.schema
      .createIndex('events_rule_next')
      .on('events_rule')
      .columns(['next_at'])
      .execute();
    await ofAccount('events_target')
      .addColumn('bus', 'text', (c) => c.notNull())
      .addColumn('rule', 'text', (c) => c.notNull())
      .addColumn('target_id', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_target_pk', [
        ...['account_id', 'region', 'bus', 'rule', 'target_id'],
      ] as never)
      .execute();
    await tx.schema
      .createIndex('events_target_arn')
      .on('events_target')
      .columns(['account_id', 'region', 'bus', 'arn'])
      .execute();
    await ofAccount('events_revision')
      .addColumn('revision', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_revision_pk', ['account_id', 'region'])
      .execute();
    await tx.schema
      .createTable('events_heard')
      .addColumn('event_id', 'text', (c) => c.primaryKey())
      .addColumn('heard_at', 'bigint', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('events_heard_at')
      .on('events_heard')
      .columns(['heard_at'])
      .execute();
    await tx.schema
      .createTable('events_delivery')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('events_delivery_due')
      .on('events_delivery')
      .columns(['due_at'])
      .execute();
  },
};
