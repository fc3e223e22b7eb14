import type { Migration } from '../../../db/database.ts';

export const metrics: Migration = {
  name: '0001-metrics',
  async up(tx) {
    await tx.schema
      .createTable('cloudwatch_metric')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('dimensions', 'text', (c) => c.notNull())
      .addColumn('active_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_metric_pk', ['account_id', 'region', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_metric_by_name')
      .on('cloudwatch_metric')
      .columns(['account_id', 'region', 'namespace', 'name', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_metric_oldest')
      .on('cloudwatch_metric')
      .column('active_at')
      .execute();
    await tx.schema
      .createTable('cloudwatch_chunk')
      .addColumn('metric_id', 'text', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('first_at', 'bigint', (c) => c.notNull())
      .addColumn('resolution', 'integer', (c) => c.notNull())
      .addColumn('fresh', 'integer', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_chunk_pk', ['metric_id', 'last_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_chunk_by_age')
      .on('cloudwatch_chunk')
      .columns(['fresh', 'resolution', 'last_at'])
      .execute();
    await tx.schema
      .createTable('cloudwatch_counted')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('counted_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('cloudwatch_counted_pk', ['account_id', 'region', 'id'])
      .execute();
    await tx.schema
      .createIndex('cloudwatch_counted_oldest')
      .on('cloudwatch_counted')
      .column('counted_at')
      .execute();
  },
};
