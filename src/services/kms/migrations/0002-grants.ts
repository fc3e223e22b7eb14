import type { Migration } from '../../../db/database.ts';

export const grants: Migration = {
  name: '0002-grants',
  async up(tx) {
    await tx.schema
      .createTable('kms_grant')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('key_id', 'text', (c) => c.notNull())
      .addColumn('grant_id', 'text', (c) => c.notNull())
      .addColumn('grantee', 'text', (c) => c.notNull())
      .addColumn('retiring', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('kms_grant_pk', ['key_id', 'grant_id'])
      .execute();
    await tx.schema
      .createIndex('kms_grant_retiring')
      .on('kms_grant')
      .columns(['retiring', 'region', 'grant_id'])
      .execute();
  },
};
