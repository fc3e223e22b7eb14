import type { Migration } from '../../../db/database.ts';

export const projectsAndBuilds: Migration = {
  name: '0001-projects-and-builds',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_project')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('modified_at', 'bigint', (c) => c.notNull())
      .addColumn('last_build_number', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_project_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('codebuild_build')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('project_name', 'text', (c) => c.notNull())
      .addColumn('build_number', 'bigint', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('slot', 'text', (c) => c.notNull())
      .addColumn('stop_requested', 'integer', (c) => c.notNull())
      .addColumn('token', 'text')
      .addColumn('token_digest', 'text')
      .addColumn('log_offset', 'bigint', (c) => c.notNull())
      .addColumn('log_sending', 'bigint', (c) => c.notNull())
      .addColumn('report_offset', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('inputs', 'text', (c) => c.notNull())
      .addColumn('run', 'text', (c) => c.notNull())
      .addColumn('secrets', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_build_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('codebuild_build_token', ['account_id', 'region', 'token'])
      .execute();
    await tx.schema
      .createIndex('codebuild_build_project')
      .on('codebuild_build')
      .columns(['account_id', 'region', 'project_name', 'build_number'])
      .execute();
    await tx.schema
      .createIndex('codebuild_build_started')
      .on('codebuild_build')
      .columns(['account_id', 'region', 'started_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('codebuild_build_slot')
      .on('codebuild_build')
      .columns(['slot', 'started_at'])
      .execute();
  },
};
