import type { Migration } from '../../../db/database.ts';

export const quotas: Migration = {
  name: '0001-quotas',
  async up(tx) {
    await tx.schema
      .createTable('servicequotas_quota')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('code', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('servicequotas_quota_pk', [
        'account_id',
        'region',
        'service',
        'code',
      ])
      .execute();
    await tx.schema
      .createTable('servicequotas_request')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('code', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('servicequotas_request_pk', ['account_id', 'region', 'id'])
      .execute();
  },
};
