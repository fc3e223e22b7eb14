import type { Migration } from '../../../db/database.ts';

/** What triggers of deployment groups owe their topics. */
export const notices: Migration = {
  name: '0003-notices',
  async up(tx) {
    await tx.schema
      .createTable('codedeploy_notice')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codedeploy_notice_due_at')
      .on('codedeploy_notice')
      .column('due_at')
      .execute();
  },
};
