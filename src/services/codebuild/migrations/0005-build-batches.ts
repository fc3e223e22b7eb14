import type { Migration } from '../../../db/database.ts';

export const buildBatches: Migration = {
  name: '0005-build-batches',
  async up(tx) {
    await tx.schema
      .alterTable('codebuild_project')
      .addColumn('last_batch_number', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute();
    await tx.schema
      .createTable('codebuild_batch')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('project_name', 'text', (c) => c.notNull())
      .addColumn('batch_number', 'bigint', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('slot', 'text', (c) => c.notNull())
      .addColumn('stop_requested', 'integer', (c) => c.notNull())
      .addColumn('token', 'text')
      .addColumn('token_digest', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('inputs', 'text', (c) => c.notNull())
      .addColumn('run', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_batch_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('codebuild_batch_token', ['account_id', 'region', 'token'])
      .execute();
    await tx.schema
      .createIndex('codebuild_batch_project')
      .on('codebuild_batch')
      .columns(['account_id', 'region', 'project_name', 'batch_number'])
      .execute();
    await tx.schema
      .createIndex('codebuild_batch_started')
      .on('codebuild_batch')
      .columns(['account_id', 'region', 'started_at', 'id'])
      .execute();
    await tx.schema
      .createIndex('codebuild_batch_slot')
      .on('codebuild_batch')
      .columns(['slot', 'started_at'])
      .execute();
  },
};
