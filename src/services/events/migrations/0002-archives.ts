import type { Migration } from '../../../db/database.ts';

export const archives: Migration = {
  name: '0002-archives',
  async up(tx) {
    const named = (table: string) =>
      tx.schema
        .createTable(table)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint(`${table}_pk`, ['account_id', 'region', 'name']);
    await named('events_archive')
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('bus', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('events_archived')
      .addColumn('archive_id', 'text', (c) =>
        c.notNull().references('events_archive.id').onDelete('cascade'),
      )
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('event_id', 'text', (c) => c.notNull())
      .addColumn('bytes', 'integer', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_archived_pk', ['archive_id', 'at', 'event_id'])
      .execute();
    await named('events_replay').execute();
  },
};
