import type { Migration } from '../../../db/database.ts';

/** Merges that were made here: what their events tell, and their commits, to which no reference may lead. */
export const merges: Migration = {
  name: '0004-merges',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_merge')
      .addColumn('merge_id', 'text', (c) => c.primaryKey())
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('source_id', 'text', (c) => c.notNull())
      .addColumn('destination_id', 'text', (c) => c.notNull())
      .addColumn('commit_id', 'text', (c) => c.notNull())
      .addColumn('base_id', 'text')
      .addColumn('reference', 'text')
      .addColumn('merge_option', 'text', (c) => c.notNull())
      .addColumn('detail_level', 'text')
      .addColumn('strategy', 'text')
      .addColumn('created', 'bigint', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codecommit_merge_by_source')
      .on('codecommit_merge')
      .columns(['repository_id', 'source_id'])
      .execute();
    await tx.schema
      .createIndex('codecommit_merge_by_commit')
      .on('codecommit_merge')
      .columns(['repository_id', 'commit_id'])
      .execute();
  },
};
