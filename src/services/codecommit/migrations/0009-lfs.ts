import type { Migration } from '../../../db/database.ts';

/**
 * Objects of Git LFS, which are blobs, and locks. Objects stay when their repository goes, until a reconciler has deleted
 * their blobs; locks go with it.
 */
export const lfs: Migration = {
  name: '0009-lfs',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_lfs_object')
      .addColumn('repository_id', 'text', (c) => c.notNull())
      .addColumn('oid', 'text', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('blob_id', 'text', (c) => c.notNull().unique())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_lfs_object_pk', ['repository_id', 'oid'])
      .execute();
    await tx.schema
      .createTable('codecommit_lfs_lock')
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('lock_id', 'text', (c) => c.notNull().unique())
      .addColumn('owner_arn', 'text', (c) => c.notNull())
      .addColumn('locked', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_lfs_lock_pk', ['repository_id', 'path'])
      .execute();
  },
};
