import type { Migration } from '../../../db/database.ts';

export const sessions: Migration = {
  name: '0002-sessions',
  async up(tx) {
    await tx.schema
      .createTable('ssm_session')
      .addColumn('session_id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('token_digest', 'text')
      .addColumn('token_until', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('ssm_session_started')
      .on('ssm_session')
      .column('started_at')
      .execute();
  },
};
