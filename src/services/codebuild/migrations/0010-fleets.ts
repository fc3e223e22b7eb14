import type { Migration } from '../../../db/database.ts';

/** Fleets, and which one a build counts for while it waits or runs; what each build of a fanout has for their report. */
export const fleets: Migration = {
  name: '0010-fleets',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_fleet')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('modified_at', 'bigint', (c) => c.notNull())
      .addColumn('deleting', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_fleet_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema.alterTable('codebuild_build').addColumn('fleet_arn', 'text').execute();
    await tx.schema
      .createIndex('codebuild_build_fleet')
      .on('codebuild_build')
      .columns(['slot', 'fleet_arn', 'started_at'])
      .execute();
    await tx.schema
      .createTable('codebuild_report_part')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('arn', 'text', (c) => c.notNull())
      .addColumn('shard', 'bigint', (c) => c.notNull())
      .addColumn('attempt', 'bigint', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_report_part_pk', ['account_id', 'region', 'arn', 'shard'])
      .execute();
  },
};
