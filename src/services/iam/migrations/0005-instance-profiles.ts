import type { Migration } from '../../../db/database.ts';

/** What hands a role to instances: none or one, by its unique id. */
export const instanceProfiles: Migration = {
  name: '0005-instance-profiles',
  async up({ schema }) {
    await schema
      .createTable('iam_instance_profile')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('role_id', 'text', (c) => c.references('iam_identity.id'))
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_instance_profile_pk', ['account_id', 'name_key'])
      .execute();
    await schema
      .createIndex('iam_instance_profile_role')
      .on('iam_instance_profile')
      .column('role_id')
      .execute();
  },
};
