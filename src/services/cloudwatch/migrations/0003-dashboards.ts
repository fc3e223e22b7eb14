import type { Migration } from '../../../db/database.ts';

export const dashboards: Migration = {
  name: '0003-dashboards',
  async up(tx) {
    // Dashboards are global: the same in all regions of an account.
    await tx.schema
      .createTable('cloudwatch_dashboard')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('modified_at', 'bigint', (c) => c.notNull())
      .addColumn('size', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_dashboard_pk', ['account_id', 'name'])
      .execute();
    await tx.schema
      .createTable('cloudwatch_mute_rule')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_mute_rule_pk', ['account_id', 'region', 'name'])
      .execute();
  },
};
