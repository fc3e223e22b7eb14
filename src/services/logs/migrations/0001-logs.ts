import type { Migration } from '../../../db/database.ts';

/** Groups, streams, and events in chunks: one row for each batch that was put, because a row an event costs too much at build speed. */
export const logs: Migration = {
  name: '0001-logs',
  async up(tx) {
    await tx.schema
      .createTable('logs_group')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('retention_days', 'integer')
      .addColumn('class', 'text', (c) => c.notNull())
      .addColumn('protected', 'integer', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_group_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('logs_stream')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('first_event_at', 'bigint')
      .addColumn('last_event_at', 'bigint')
      .addColumn('last_ingestion_at', 'bigint')
      .addColumn('next_seq', 'bigint', (c) => c.notNull())
      .addColumn('last_offset', 'bigint', (c) => c.notNull())
      .addColumn('stored_bytes', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_stream_pk', ['account_id', 'region', 'group_name', 'name'])
      .execute();
    await tx.schema
      .createTable('logs_chunk')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('stream_id', 'text', (c) => c.notNull())
      .addColumn('first_seq', 'bigint', (c) => c.notNull())
      .addColumn('min_at', 'bigint', (c) => c.notNull())
      .addColumn('max_at', 'bigint', (c) => c.notNull())
      .addColumn('ingested_at', 'bigint', (c) => c.notNull())
      .addColumn('bytes', 'integer', (c) => c.notNull())
      .addColumn('events', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('logs_chunk_group')
      .on('logs_chunk')
      .columns(['group_id', 'min_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('logs_chunk_stream')
      .on('logs_chunk')
      .columns(['stream_id', 'min_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('logs_chunk_end')
      .on('logs_chunk')
      .columns(['stream_id', 'max_at', 'id'])
      .execute();
  },
};
