import type { Migration } from '../../../db/database.ts';
import { sql } from '../../../db/kysely.ts';

/** Histories are read from their newest end: what a list is filtered by stands before its order in an index. */
export const history: Migration = {
  name: '0006-history',
  async up(tx) {
    await tx.schema
      .createIndex('codepipeline_action_by_kind')
      .on('codepipeline_action')
      .columns(['pipeline_id', 'kind', 'ordinal'])
      .execute();
    await tx.schema
      .alterTable('codepipeline_stage_run')
      .addColumn('ordinal', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute();
    await sql`update codepipeline_stage_run set ordinal = coalesce((
      select e.ordinal from codepipeline_execution as e
      where e.pipeline_id = codepipeline_stage_run.pipeline_id
      and e.execution_id = codepipeline_stage_run.execution_id), 0)`.execute(tx);
    await tx.schema
      .createIndex('codepipeline_stage_run_by_status')
      .on('codepipeline_stage_run')
      .columns(['pipeline_id', 'stage_name', 'status', 'ordinal'])
      .execute();
    await tx.schema.dropIndex('codepipeline_source_by_resource').execute();
    await tx.schema
      .createIndex('codepipeline_source_by_item')
      .on('codepipeline_source')
      .columns(['account_id', 'region', 'provider', 'resource', 'item'])
      .execute();
  },
};
