import type { Migration } from '../../../db/database.ts';

/** Queries of CloudWatch Logs Insights, their results by pages of lines, and saved queries. */
export const insights: Migration = {
  name: '0004-insights',
  async up(tx) {
    await tx.schema
      .createTable('logs_query')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('statistics', 'text', (c) => c.notNull())
      .addColumn('lines', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('logs_query_time')
      .on('logs_query')
      .columns(['account_id', 'region', 'created_at', 'id'])
      .execute();
    await tx.schema
      .createTable('logs_query_page')
      .addColumn('query_id', 'text', (c) => c.notNull())
      .addColumn('page', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_query_page_pk', ['query_id', 'page'])
      .execute();
    await tx.schema
      .createTable('logs_query_definition')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('modified_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_query_definition_pk', ['account_id', 'region', 'id'])
      .execute();
    // A query reads a group from its newest chunk on.
    await tx.schema
      .createIndex('logs_chunk_group_end')
      .on('logs_chunk')
      .columns(['group_id', 'max_at', 'id'])
      .execute();
  },
};
