import type { Migration } from '../../../db/database.ts';

export const executions: Migration = {
  name: '0002-executions',
  async up(tx) {
    await tx.schema
      .createTable('codepipeline_stage')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('stage_name', 'text', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_stage_pk', ['pipeline_id', 'stage_name'])
      .execute();
    await tx.schema
      .createTable('codepipeline_execution')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('execution_id', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('ordinal', 'bigint', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('request_token', 'text')
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_execution_pk', ['pipeline_id', 'execution_id'])
      .addUniqueConstraint('codepipeline_execution_token', ['pipeline_id', 'request_token'])
      .addUniqueConstraint('codepipeline_execution_ordinal', ['pipeline_id', 'ordinal'])
      .execute();
    await tx.schema
      .createIndex('codepipeline_execution_by_status')
      .on('codepipeline_execution')
      .columns(['status', 'pipeline_id'])
      .execute();
    await tx.schema
      .createTable('codepipeline_stage_run')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('execution_id', 'text', (c) => c.notNull())
      .addColumn('stage_name', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_stage_run_pk', [
        'pipeline_id',
        'execution_id',
        'stage_name',
      ])
      .execute();
    await actions(tx);
  },
};

async function actions(tx: Parameters<Migration['up']>[0]): Promise<void> {
  await tx.schema
    .createTable('codepipeline_action')
    .addColumn('action_execution_id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('pipeline_id', 'text', (c) =>
      c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
    )
    .addColumn('execution_id', 'text', (c) => c.notNull())
    .addColumn('stage_name', 'text', (c) => c.notNull())
    .addColumn('action_name', 'text', (c) => c.notNull())
    .addColumn('ordinal', 'bigint', (c) => c.notNull())
    .addColumn('start_time', 'bigint', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('external_id', 'text')
    .addColumn('data', 'text', (c) => c.notNull())
    .addUniqueConstraint('codepipeline_action_ordinal', ['pipeline_id', 'ordinal'])
    .execute();
  await tx.schema
    .createIndex('codepipeline_action_by_execution')
    .on('codepipeline_action')
    .columns(['execution_id', 'stage_name'])
    .execute();
  await tx.schema
    .createIndex('codepipeline_action_by_external_id')
    .on('codepipeline_action')
    .columns(['external_id', 'provider'])
    .execute();
  await tx.schema
    .createIndex('codepipeline_action_by_status')
    .on('codepipeline_action')
    .columns(['status'])
    .execute();
}
