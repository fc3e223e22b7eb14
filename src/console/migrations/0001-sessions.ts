import type { Migration } from '../../db/database.ts';

/** Who is signed in to the console, and whose sign-ins have failed lately. */
export const sessions: Migration = {
  name: '0001-sessions',
  async up({ schema }) {
    await schema
      .createTable('console_session')
      // A hash of what the cookie says: nobody signs in by what lies here.
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('principal_id', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .execute();
    await schema
      .createIndex('console_session_by_end')
      .on('console_session')
      .column('expires_at')
      .execute();
    await schema
      .createIndex('console_session_by_principal')
      .on('console_session')
      .columns(['principal_id', 'expires_at'])
      .execute();
    await schema
      .createTable('console_failure')
      // A hash of whose it was: an account's user by name, or an address.
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .execute();
    await schema
      .createIndex('console_failure_by_time')
      .on('console_failure')
      .column('last_at')
      .execute();
  },
};
