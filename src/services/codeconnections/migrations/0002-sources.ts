import type { Migration } from '../../../db/database.ts';

export const sources: Migration = {
  name: '0002-sources',
  async up(tx) {
    await tx.schema
      .createTable('codeconnections_watch')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('connection_arn', 'text', (c) => c.notNull())
      .addColumn('repository', 'text', (c) => c.notNull())
      .addColumn('polled', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('codeconnections_watch_of', ['connection_arn', 'repository'])
      .execute();
    await tx.schema
      .createTable('codeconnections_pull_request')
      .addColumn('watch_id', 'text', (c) =>
        c.notNull().references('codeconnections_watch.id').onDelete('cascade'),
      )
      .addColumn('number', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codeconnections_pull_request_pk', ['watch_id', 'number'])
      .execute();
    await tx.schema
      .createTable('codeconnections_upload')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('connection_arn', 'text', (c) => c.notNull())
      .addColumn('s3_bucket', 'text', (c) => c.notNull())
      .addColumn('s3_key', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('codeconnections_upload_to', ['connection_arn', 's3_bucket', 's3_key'])
      .execute();
    await tx.schema
      .createIndex('codeconnections_upload_by_status')
      .on('codeconnections_upload')
      .columns(['status', 'created'])
      .execute();
  },
};
