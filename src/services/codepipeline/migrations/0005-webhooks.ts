import type { Migration } from '../../../db/database.ts';

export const webhooks: Migration = {
  name: '0005-webhooks',
  async up(tx) {
    await tx.schema
      .createTable('codepipeline_webhook')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('address_hash', 'text', (c) => c.notNull().unique())
      .addColumn('last_triggered', 'bigint')
      .addColumn('data', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_webhook_pk', ['account_id', 'region', 'name'])
      .execute();
  },
};
