import type { Migration } from '../../../db/database.ts';

/** When sessions ended, and when their server was last seen with them. */
export const sessionTimes: Migration = {
  name: '0003-session-times',
  async up(tx) {
    for (const column of ['seen_at', 'ended_at'])
      await tx.schema.alterTable('ssm_session').addColumn(column, 'bigint').execute();
    await tx.schema
      .createIndex('ssm_session_listed')
      .on('ssm_session')
      .columns(['account_id', 'region', 'started_at', 'session_id'])
      .execute();
  },
};
