import type { Migration } from '../../../db/database.ts';

export const keys: Migration = {
  name: '0001-keys',
  async up(tx) {
    await tx.schema
      .createTable('kms_key')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('key_id', 'text', (c) => c.notNull().unique())
      .addColumn('manager', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('deletion_at', 'bigint')
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('policy', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('material', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('kms_key_pk', ['account_id', 'region', 'key_id'])
      .execute();
    await tx.schema.createIndex('kms_key_deletion').on('kms_key').column('deletion_at').execute();
    await tx.schema
      .createTable('kms_alias')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('alias_name', 'text', (c) => c.notNull())
      .addColumn('key_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('kms_alias_pk', ['account_id', 'region', 'alias_name'])
      .execute();
    await tx.schema
      .createIndex('kms_alias_key')
      .on('kms_alias')
      .columns(['account_id', 'region', 'key_id'])
      .execute();
  },
};
