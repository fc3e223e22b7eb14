import type { Migration } from '../../../db/database.ts';

/** Tasks that export a group's events to S3. */
export const exports: Migration = {
  name: '0006-exports',
  async up(tx) {
    await tx.schema
      .createTable('logs_export')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('logs_export_owner')
      .on('logs_export')
      .columns(['account_id', 'region', 'ended_at'])
      .execute();
  },
};
