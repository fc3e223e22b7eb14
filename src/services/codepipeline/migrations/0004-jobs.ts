import type { Migration } from '../../../db/database.ts';

/** Action types that people make, and the jobs by which their workers get the actions. */
export const jobs: Migration = {
  name: '0004-jobs',
  async up(tx) {
    await tx.schema
      .createTable('codepipeline_action_type')
      .addColumn('scope', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('owner', 'text', (c) => c.notNull())
      .addColumn('category', 'text', (c) => c.notNull())
      .addColumn('provider', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('deleted', 'bigint')
      .addColumn('data', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_action_type_pk', [
        ...(['scope', 'region', 'owner', 'category', 'provider', 'version'] as const),
      ])
      .execute();
    await tx.schema
      .createTable('codepipeline_job')
      .addColumn('job_id', 'text', (c) => c.primaryKey())
      .addColumn('action_execution_id', 'text', (c) =>
        c.notNull().references('codepipeline_action.action_execution_id').onDelete('cascade'),
      )
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('type_key', 'text', (c) => c.notNull())
      .addColumn('query_value', 'text')
      .addColumn('number', 'integer', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('available_at', 'bigint')
      .addColumn('deadline', 'bigint')
      .addColumn('nonce', 'text')
      .addColumn('data', 'text', (c) => c.notNull())
      .addUniqueConstraint('codepipeline_job_number', ['action_execution_id', 'number'])
      .execute();
    await tx.schema
      .createIndex('codepipeline_job_available')
      .on('codepipeline_job')
      .columns(['region', 'type_key', 'available_at'])
      .execute();
    await tx.schema
      .createIndex('codepipeline_job_deadline')
      .on('codepipeline_job')
      .columns(['deadline'])
      .execute();
  },
};
