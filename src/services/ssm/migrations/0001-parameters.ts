import type { Migration } from '../../../db/database.ts';

export const parameters: Migration = {
  name: '0001-parameters',
  async up(tx) {
    await tx.schema
      .createTable('ssm_parameter')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ssm_parameter_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('ssm_parameter_version')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('labels', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ssm_parameter_version_pk', [
        'account_id',
        'region',
        'name',
        'version',
      ])
      .execute();
  },
};
