import type { Migration } from '../../../db/database.ts';

/** The KMS key of a repository, and its data key as that has wrapped it. Null in rows of earlier versions until they are sealed. */
export const dataKeys: Migration = {
  name: '0008-data-keys',
  async up(tx) {
    await tx.schema.alterTable('codecommit_repository').addColumn('kms_key_arn', 'text').execute();
    await tx.schema.alterTable('codecommit_repository').addColumn('data_key', 'text').execute();
  },
};
