import type { Migration } from '../../../db/database.ts';

/** The ARN of the managed policy that limits a user or role. No reference: AWS's own policies are not in the database. */
export const permissionsBoundary: Migration = {
  name: '0003-permissions-boundary',
  async up({ schema }) {
    await schema.alterTable('iam_identity').addColumn('permissions_boundary', 'text').execute();
    await schema
      .createIndex('iam_identity_boundary')
      .on('iam_identity')
      .column('permissions_boundary')
      .execute();
  },
};
