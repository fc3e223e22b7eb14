import type { Migration } from '../../../db/database.ts';

export const uploads: Migration = {
  name: '0002-uploads',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_upload')
      .addColumn('upload_id', 'text', (c) => c.primaryKey())
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('commit_id', 'text', (c) => c.notNull())
      .addColumn('s3_bucket', 'text', (c) => c.notNull())
      .addColumn('s3_key', 'text', (c) => c.notNull())
      .addColumn('kms_key_id', 'text')
      .addColumn('principal', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('error_code', 'text')
      .addColumn('error_message', 'text')
      .addColumn('s3_version_id', 'text')
      .addColumn('s3_etag', 'text')
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('codecommit_upload_target', [
        'repository_id',
        'commit_id',
        's3_bucket',
        's3_key',
      ])
      .execute();
  },
};
