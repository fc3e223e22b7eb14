import type { Migration } from '../../../db/database.ts';

export const schedules: Migration = {
  name: '0001-schedules',
  async up(tx) {
    await tx.schema
      .createTable('scheduler_group')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('scheduler_group_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('scheduler_schedule')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('next_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('scheduler_schedule_pk', [
        'account_id',
        'region',
        'group_name',
        'name',
      ])
      .execute();
    await tx.schema
      .createIndex('scheduler_schedule_next')
      .on('scheduler_schedule')
      .columns(['next_at'])
      .execute();
    await tx.schema
      .createTable('scheduler_invocation')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('scheduler_invocation_due')
      .on('scheduler_invocation')
      .columns(['due_at'])
      .execute();
  },
};
