import type { Migration } from '../../db/database.ts';

/**
 * How far events have come moves with each of them; whether somebody looks is read by all who publish. In one row each event
 * kept would be in the way of whoever publishes. Streams that are open begin anew.
 */
export const position: Migration = {
  name: '0003-position',
  async up(tx) {
    const { schema } = tx;
    const rows = tx.withTables<{ console_watch: object; console_event: object }>();
    await rows.deleteFrom('console_event').execute();
    await rows.deleteFrom('console_watch').execute();
    await schema.alterTable('console_watch').dropColumn('last_position').execute();
    await schema
      .createTable('console_position')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('last_position', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('console_position_pk', ['account_id', 'region'])
      .execute();
  },
};
