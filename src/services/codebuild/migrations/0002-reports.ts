import type { Migration } from '../../../db/database.ts';

export const reports: Migration = {
  name: '0002-reports',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_report_group')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_report_group_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('codebuild_report')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('cases', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_report_pk', ['account_id', 'region', 'arn'])
      .execute();
    await tx.schema
      .createIndex('codebuild_report_created')
      .on('codebuild_report')
      .columns(['account_id', 'region', 'group_name', 'created_at'])
      .execute();
  },
};
