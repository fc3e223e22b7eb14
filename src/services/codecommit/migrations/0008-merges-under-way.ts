import type { Migration } from '../../../db/database.ts';

/** Finds the few pull requests that were closed while merges of them were under way, among any number of closed ones. */
export const mergesUnderWay: Migration = {
  name: '0008-merges-under-way',
  async up(tx) {
    await tx.schema
      .createIndex('codecommit_pull_request_merging')
      .on('codecommit_pull_request')
      .columns(['repository_id', 'status', 'merging_commits'])
      .execute();
  },
};
