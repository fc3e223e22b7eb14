import type { Migration } from '../../../db/database.ts';

/** What has to do with GitHub and its kin: credentials, webhooks, and statuses that are still to be told. */
export const forges: Migration = {
  name: '0007-forges',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_source_credential')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('server_type', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_source_credential_pk', [
        'account_id',
        'region',
        'server_type',
      ])
      .execute();
    await tx.schema
      .createTable('codebuild_webhook')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('project_name', 'text', (c) => c.notNull())
      .addColumn('address_hash', 'text', (c) => c.notNull().unique())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_webhook_pk', ['account_id', 'region', 'project_name'])
      .execute();
    await tx.schema
      .createTable('codebuild_commit_status')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
  },
};
