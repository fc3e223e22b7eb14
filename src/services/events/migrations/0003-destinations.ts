import type { Migration } from '../../../db/database.ts';

export const destinations: Migration = {
  name: '0003-destinations',
  async up(tx) {
    for (const table of ['events_connection', 'events_api_destination'])
      await tx.schema
        .createTable(table)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('arn', 'text', (c) => c.notNull().unique())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint(`${table}_pk`, ['account_id', 'region', 'name'])
        .execute();
  },
};
