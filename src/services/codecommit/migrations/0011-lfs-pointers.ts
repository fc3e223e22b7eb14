import type { Migration } from '../../../db/database.ts';

/**
 * Which objects of Git LFS some commit has had a pointer to, by the time when that was seen, and the unique id of who has a
 * lock: an ARN may come to be somebody else's. Null in rows of earlier versions.
 */
export const lfsPointers: Migration = {
  name: '0011-lfs-pointers',
  async up(tx) {
    await tx.schema.alterTable('codecommit_lfs_object').addColumn('pointed', 'bigint').execute();
    await tx.schema.alterTable('codecommit_lfs_lock').addColumn('owner_id', 'text').execute();
    await tx.schema
      .createIndex('codecommit_lfs_object_pointed')
      .on('codecommit_lfs_object')
      .columns(['repository_id', 'pointed', 'created'])
      .execute();
  },
};
