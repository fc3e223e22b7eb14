import type { Migration } from '../../../db/database.ts';

/** IAM is global: no table has a region. Identities are joined by their unique id, which no name is given again. */
export const identities: Migration = {
  name: '0001-identities',
  async up(tx) {
    const { schema } = tx;
    await schema
      .createTable('iam_revision')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('revision', 'bigint', (c) => c.notNull())
      .execute();
    await tx
      .withTables<{ iam_revision: { id: number; revision: number } }>()
      .insertInto('iam_revision')
      .values({ id: 1, revision: 1 })
      .execute();
    await schema
      .createTable('iam_identity')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_identity_pk', ['account_id', 'kind', 'name_key'])
      .execute();
    await schema
      .createTable('iam_group_member')
      .addColumn('group_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addPrimaryKeyConstraint('iam_group_member_pk', ['group_id', 'user_id'])
      .execute();
    await schema
      .createIndex('iam_group_member_user')
      .on('iam_group_member')
      .column('user_id')
      .execute();
    await schema
      .createTable('iam_inline_policy')
      .addColumn('identity_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('policy_name', 'text', (c) => c.notNull())
      .addColumn('document', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_inline_policy_pk', ['identity_id', 'policy_name'])
      .execute();
    await schema
      .createTable('iam_policy')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull().unique())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('default_version', 'integer', (c) => c.notNull())
      .addColumn('last_version', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_policy_pk', ['account_id', 'name_key'])
      .execute();
    await schema
      .createTable('iam_policy_version')
      .addColumn('policy_arn', 'text', (c) => c.notNull().references('iam_policy.arn'))
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('document', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_policy_version_pk', ['policy_arn', 'version'])
      .execute();
    // No reference to iam_policy: AWS's own policies are not in the database.
    await schema
      .createTable('iam_attachment')
      .addColumn('identity_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('policy_arn', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_attachment_pk', ['identity_id', 'policy_arn'])
      .execute();
    await schema
      .createIndex('iam_attachment_policy')
      .on('iam_attachment')
      .column('policy_arn')
      .execute();
    await schema
      .createTable('iam_access_key')
      .addColumn('access_key_id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('sealed_secret', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await schema
      .createIndex('iam_access_key_user')
      .on('iam_access_key')
      .column('user_id')
      .execute();
    await schema
      .createTable('iam_service_credential')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('service_name', 'text', (c) => c.notNull())
      .addColumn('service_user_name', 'text', (c) => c.notNull())
      .addColumn('password_hash', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('iam_service_credential_name', ['service_name', 'service_user_name'])
      .execute();
    await schema
      .createIndex('iam_service_credential_user')
      .on('iam_service_credential')
      .column('user_id')
      .execute();
  },
};
