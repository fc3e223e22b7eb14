import type { Migration, Tx } from '../../../db/database.ts';

export const connections: Migration = {
  name: '0001-connections',
  async up(tx) {
    await owned(tx, 'codeconnections_connection').addColumn('host_arn', 'text').execute();
    await owned(tx, 'codeconnections_host').execute();
    await owned(tx, 'codeconnections_link')
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('repository', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('codeconnections_mapping')
      .addColumn('connection_arn', 'text', (c) => c.notNull())
      .addColumn('repository', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codeconnections_mapping_pk', ['connection_arn', 'repository'])
      .execute();
  },
};

const owned = (tx: Tx, name: string) =>
  tx.schema
    .createTable(name)
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('arn', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint(`${name}_pk`, ['account_id', 'region', 'arn']);
