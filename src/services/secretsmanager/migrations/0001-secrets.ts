import type { Migration } from '../../../db/database.ts';

export const secrets: Migration = {
  name: '0001-secrets',
  async up(tx) {
    await tx.schema
      .createTable('secretsmanager_secret')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull().unique())
      .addColumn('deletes_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('secretsmanager_secret_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('secretsmanager_version')
      .addColumn('secret_arn', 'text', (c) =>
        c.notNull().references('secretsmanager_secret.arn').onDelete('cascade'),
      )
      .addColumn('version_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('stages', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('secretsmanager_version_pk', ['secret_arn', 'version_id'])
      .execute();
  },
};
