import type { Migration } from '../../../db/database.ts';

/** Metric filters, and what has been put into their groups since they looked last. */
export const metricFilters: Migration = {
  name: '0005-metric-filters',
  async up(tx) {
    // How many a group has, so that a put into one without any asks no more.
    await tx.schema
      .alterTable('logs_group')
      .addColumn('filters', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await tx.schema
      .createTable('logs_metric_filter')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('minutes', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_metric_filter_pk', [
        ...(['account_id', 'region', 'group_name', 'name'] as const),
      ])
      .execute();
    await tx.schema
      .createIndex('logs_metric_filter_group')
      .on('logs_metric_filter')
      .columns(['group_id'])
      .execute();
    await tx.schema
      .createTable('logs_backlog')
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('chunk_id', 'text', (c) => c.notNull())
      .addColumn('added_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_backlog_pk', ['group_id', 'added_at', 'chunk_id'])
      .execute();
  },
};
