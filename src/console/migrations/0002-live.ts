import type { Migration } from '../../db/database.ts';

/** The events that pages of the console are shown, by account and region, as long as somebody looks. */
export const live: Migration = {
  name: '0002-live',
  async up({ schema }) {
    await schema
      .createTable('console_watch')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      // Another one whenever events have been missed since the last that was kept.
      .addColumn('epoch', 'text', (c) => c.notNull())
      .addColumn('last_position', 'integer', (c) => c.notNull())
      .addColumn('until_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('console_watch_pk', ['account_id', 'region'])
      .execute();
    await schema
      .createTable('console_event')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('event_id', 'text', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('console_event_pk', ['account_id', 'region', 'position'])
      .addUniqueConstraint('console_event_once', ['account_id', 'region', 'event_id'])
      .execute();
  },
};
