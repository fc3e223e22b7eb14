import type { Migration } from '../../../db/database.ts';

export const environments: Migration = {
  name: '0001-environments',
  async up(tx) {
    const owned = (table: string) =>
      tx.schema
        .createTable(`elasticbeanstalk_${table}`)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull());
    await owned('application')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elasticbeanstalk_application_pk', ['account_id', 'region', 'name'])
      .execute();
    // Versions (kind `version`) and configuration templates (`template`): what an application has, by names.
    await owned('part')
      .addColumn('application', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elasticbeanstalk_part_pk', [
        'account_id',
        'region',
        'kind',
        'application',
        'name',
      ])
      .execute();
    await owned('environment')
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('application', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      // Of one environment of the whole database that is not terminated.
      .addColumn('cname', 'text', (c) => c.unique())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elasticbeanstalk_environment_pk', ['account_id', 'region', 'id'])
      .execute();
    await tx.schema
      .createIndex('elasticbeanstalk_environment_status')
      .on('elasticbeanstalk_environment')
      .column('status')
      .execute();
    await owned('event')
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('application', 'text', (c) => c.notNull())
      .addColumn('environment_id', 'text')
      .addColumn('environment_name', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elasticbeanstalk_event_pk', ['account_id', 'region', 'at', 'id'])
      .execute();
  },
};
