import type { Migration } from '../../../db/database.ts';

/** The passwords by which users sign in to the console, what an account asks of them, and by which name accounts are known. */
export const consolePasswords: Migration = {
  name: '0006-console-passwords',
  async up({ schema }) {
    await schema
      .createTable('iam_login_profile')
      .addColumn('user_id', 'text', (c) => c.primaryKey().references('iam_identity.id'))
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('changed_at', 'bigint', (c) => c.notNull())
      .addColumn('reset_required', 'integer', (c) => c.notNull())
      // The one that holds first, and those before it.
      .addColumn('password_hashes', 'text', (c) => c.notNull())
      .execute();
    await schema
      .createTable('iam_password_policy')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('policy', 'text', (c) => c.notNull())
      .execute();
    await schema
      .createTable('iam_account_alias')
      .addColumn('account_id', 'text', (c) => c.primaryKey())
      .addColumn('alias', 'text', (c) => c.notNull().unique())
      .execute();
  },
};
