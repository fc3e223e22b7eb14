import type { Migration } from '../../../db/database.ts';

/** Triggers of repositories, what they owe, and who has begun a change that they tell of. */
export const triggers: Migration = {
  name: '0003-triggers',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_trigger')
      .addColumn('repository_id', 'text', (c) =>
        c.primaryKey().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('configuration_id', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('codecommit_notice')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codecommit_notice_due_at')
      .on('codecommit_notice')
      .column('due_at')
      .execute();
    await tx.schema.alterTable('codecommit_change').addColumn('user_arn', 'text').execute();
  },
};
