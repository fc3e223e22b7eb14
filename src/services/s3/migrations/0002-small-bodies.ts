import type { Migration } from '../../../db/database.ts';

/** Bodies that are too small to be worth a file; sealed as the file would be. */
export const smallBodies: Migration = {
  name: '0002-small-bodies',
  async up(tx) {
    await tx.schema
      .createTable('s3_small_body')
      .addColumn('blob_id', 'text', (c) => c.primaryKey())
      // SQLite knows no such type, and keeps bytes as bytes whatever the type.
      .addColumn('sealed', 'bytea', (c) => c.notNull())
      .execute();
  },
};
