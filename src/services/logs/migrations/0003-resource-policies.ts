import type { Migration } from '../../../db/database.ts';

/** Policies of an account for all its groups, and those of single groups. */
export const resourcePolicies: Migration = {
  name: '0003-resource-policies',
  async up(tx) {
    await tx.schema
      .createTable('logs_resource_policy')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('revision', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('policy', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_resource_policy_pk', [
        'account_id',
        'region',
        'group_name',
        'name',
      ])
      .execute();
  },
};
