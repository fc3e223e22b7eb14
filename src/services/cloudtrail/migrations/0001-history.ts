import type { Migration } from '../../../db/database.ts';

export const history: Migration = {
  name: '0001-history',
  async up(tx) {
    await tx.schema
      .createTable('cloudtrail_chunk')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('first_at', 'bigint', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .addColumn('length', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudtrail_chunk_pk', ['account_id', 'region', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudtrail_chunk_by_time')
      .on('cloudtrail_chunk')
      .columns(['account_id', 'region', 'last_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudtrail_chunk_oldest')
      .on('cloudtrail_chunk')
      .column('last_at')
      .execute();
    await tx.schema
      .createTable('cloudtrail_attribute')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('chunk_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudtrail_attribute_pk', [
        'account_id',
        'region',
        'name',
        'value',
        'chunk_id',
      ])
      .addForeignKeyConstraint(
        'cloudtrail_attribute_chunk',
        ['account_id', 'region', 'chunk_id'],
        'cloudtrail_chunk',
        ['account_id', 'region', 'id'],
        (c) => c.onDelete('cascade'),
      )
      .execute();
    await tx.schema
      .createIndex('cloudtrail_attribute_by_chunk')
      .on('cloudtrail_attribute')
      .columns(['account_id', 'region', 'chunk_id'])
      .execute();
  },
};
