import type { Migration } from '../../../db/database.ts';

/** `key_hex`: the hex of a key's bytes, see model/names.ts. */
export const objects: Migration = {
  name: '0001-objects',
  async up(tx) {
    await tx.schema
      .createTable('s3_bucket')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('versioning', 'text', (c) => c.notNull())
      .addColumn('settings', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('s3_bucket_owner')
      .on('s3_bucket')
      .columns(['account_id', 'name'])
      .execute();

    await tx.schema
      .createTable('s3_version')
      .addColumn('bucket', 'text', (c) => c.notNull())
      .addColumn('key_hex', 'text', (c) => c.notNull())
      .addColumn('version_id', 'text', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('is_latest', 'integer', (c) => c.notNull())
      .addColumn('is_delete_marker', 'integer', (c) => c.notNull())
      .addColumn('last_modified', 'bigint', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('etag', 'text', (c) => c.notNull())
      .addColumn('body_id', 'text')
      .addColumn('content', 'text')
      .addPrimaryKeyConstraint('s3_version_pk', ['bucket', 'key_hex', 'version_id'])
      .execute();
    // ListObjects walks the first, ListObjectVersions the second.
    await tx.schema
      .createIndex('s3_version_current')
      .on('s3_version')
      .columns(['bucket', 'is_latest', 'is_delete_marker', 'key_hex'])
      .execute();
    await tx.schema
      .createIndex('s3_version_order')
      .on('s3_version')
      .columns(['bucket', 'key_hex', 'sequence'])
      .unique()
      .execute();

    await tx.schema
      .createTable('s3_upload')
      .addColumn('upload_id', 'text', (c) => c.primaryKey())
      .addColumn('bucket', 'text', (c) => c.notNull())
      .addColumn('key_hex', 'text', (c) => c.notNull())
      .addColumn('initiated_at', 'bigint', (c) => c.notNull())
      .addColumn('upload', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('s3_upload_order')
      .on('s3_upload')
      .columns(['bucket', 'key_hex', 'upload_id'])
      .execute();

    await tx.schema
      .createTable('s3_segment')
      .addColumn('body_id', 'text', (c) => c.notNull())
      .addColumn('part_number', 'integer', (c) => c.notNull())
      .addColumn('blob_id', 'text', (c) => c.notNull().unique())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('etag', 'text', (c) => c.notNull())
      .addColumn('modified_at', 'bigint', (c) => c.notNull())
      .addColumn('checksum', 'text')
      .addPrimaryKeyConstraint('s3_segment_pk', ['body_id', 'part_number'])
      .execute();

    await tx.schema
      .createTable('s3_discarded_blob')
      .addColumn('blob_id', 'text', (c) => c.primaryKey())
      .addColumn('discarded_at', 'bigint', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('s3_discarded_blob_at')
      .on('s3_discarded_blob')
      .column('discarded_at')
      .execute();

    await tx.schema
      .createTable('s3_orphan_sweep')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('swept_at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
