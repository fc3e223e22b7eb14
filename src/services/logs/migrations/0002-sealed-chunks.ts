import type { Migration } from '../../../db/database.ts';

/** Events lie compressed and encrypted, under a key of their group. What lay plain before goes. */
export const sealedChunks: Migration = {
  name: '0002-sealed-chunks',
  async up(tx) {
    await tx.schema.alterTable('logs_group').addColumn('data_key', 'text').execute();
    await tx.schema.dropTable('logs_chunk').execute();
    await tx.schema
      .createTable('logs_chunk')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('stream_id', 'text', (c) => c.notNull())
      .addColumn('first_seq', 'bigint', (c) => c.notNull())
      .addColumn('last_seq', 'bigint', (c) => c.notNull())
      .addColumn('min_at', 'bigint', (c) => c.notNull())
      .addColumn('max_at', 'bigint', (c) => c.notNull())
      .addColumn('ingested_at', 'bigint', (c) => c.notNull())
      .addColumn('bytes', 'integer', (c) => c.notNull())
      // SQLite knows no such type, and keeps bytes as bytes whatever the type.
      .addColumn('sealed', 'bytea', (c) => c.notNull())
      .execute();
    // Readers choose chunks by these columns alone, so the indexes hold them all.
    await tx.schema
      .createIndex('logs_chunk_group')
      .on('logs_chunk')
      .columns(['group_id', 'min_at', 'id', 'max_at', 'last_seq', 'bytes'])
      .execute();
    await tx.schema
      .createIndex('logs_chunk_stream')
      .on('logs_chunk')
      .columns(['stream_id', 'min_at', 'id', 'max_at', 'last_seq', 'bytes'])
      .execute();
    await tx.schema
      .createIndex('logs_chunk_end')
      .on('logs_chunk')
      .columns(['stream_id', 'max_at', 'id', 'min_at', 'last_seq', 'bytes'])
      .execute();
    await tx
      .withTables<{ logs_stream: Record<string, number | null> }>()
      .updateTable('logs_stream')
      .set({ stored_bytes: 0, first_event_at: null, last_event_at: null, last_ingestion_at: null })
      .execute();
  },
};
