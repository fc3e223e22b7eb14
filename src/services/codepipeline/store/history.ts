import type { Tx } from '../../../db/database.ts';
import type { ActionRun, ExecutionState } from '../model/state.ts';
import { ACTION, EXECUTION } from './documents.ts';
import { on } from './pipelines.ts';

/** SQL for reading what has been: lists, newest first. */

export interface Page {
  /** Only what is older than this ordinal. */
  before?: number | undefined;
  limit: number;
}

export async function findExecution(
  tx: Tx,
  pipelineId: string,
  executionId: string,
): Promise<ExecutionState | undefined> {
  const row = await on(tx)
    .selectFrom('codepipeline_execution')
    .select('data')
    .where('pipeline_id', '=', pipelineId)
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  return row && EXECUTION.decode(row.data);
}

export async function listExecutions(
  tx: Tx,
  pipelineId: string,
  page: Page & { succeededInStage?: string | undefined },
): Promise<ExecutionState[]> {
  const { before, limit, succeededInStage } = page;
  const rows = await (succeededInStage === undefined
    ? on(tx)
        .selectFrom('codepipeline_execution as e')
        .select('e.data')
        .where('e.pipeline_id', '=', pipelineId)
        .$if(before !== undefined, (q) => q.where('e.ordinal', '<', before ?? 0))
        .orderBy('e.ordinal', 'desc')
        .limit(limit)
    : succeededIn(tx, pipelineId, { before, limit, succeededInStage })
  ).execute();
  return rows.map((row) => EXECUTION.decode(row.data));
}

/** When a pipeline was changed, or its newest execution went on, last. */
export async function lastActive(
  tx: Tx,
  { pipelineId, updated }: { pipelineId: string; updated: Date },
): Promise<Date> {
  const [newest] = await listExecutions(tx, pipelineId, { limit: 1 });
  return new Date(Math.max(updated.getTime(), newest?.lastUpdate ?? 0));
}

function succeededIn(
  tx: Tx,
  pipelineId: string,
  { before, limit, succeededInStage }: Page & { succeededInStage: string },
) {
  return on(tx)
    .selectFrom('codepipeline_stage_run as r')
    .innerJoin('codepipeline_execution as e', (j) =>
      j.onRef('e.pipeline_id', '=', 'r.pipeline_id').onRef('e.execution_id', '=', 'r.execution_id'),
    )
    .select('e.data')
    .where('r.pipeline_id', '=', pipelineId)
    .where('r.stage_name', '=', succeededInStage)
    .where('r.status', '=', 'Succeeded')
    .$if(before !== undefined, (q) => q.where('r.ordinal', '<', before ?? 0))
    .orderBy('r.ordinal', 'desc')
    .limit(limit);
}

/** @param page.executionId one of the pipeline's */
export async function listActions(
  tx: Tx,
  pipelineId: string,
  page: Page & { kind: 'action' | 'rule'; executionId?: string | undefined; latestOnly?: boolean },
): Promise<ActionRun[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_action as a')
    .select('a.data')
    .where('a.kind', '=', page.kind)
    // One or the other, or a database may choose the longer way.
    .$if(page.executionId === undefined, (q) => q.where('a.pipeline_id', '=', pipelineId))
    .$if(page.executionId !== undefined, (q) =>
      q.where('a.execution_id', '=', page.executionId ?? ''),
    )
    .$if(page.before !== undefined, (q) => q.where('a.ordinal', '<', page.before ?? 0))
    .$if(page.latestOnly === true, (q) =>
      q.where((e) =>
        e.not(
          e.exists(
            e
              .selectFrom('codepipeline_action as later')
              .select('later.ordinal')
              .whereRef('later.execution_id', '=', 'a.execution_id')
              .whereRef('later.stage_name', '=', 'a.stage_name')
              .whereRef('later.action_name', '=', 'a.action_name')
              .whereRef('later.kind', '=', 'a.kind')
              .whereRef('later.ordinal', '>', 'a.ordinal'),
          ),
        ),
      ),
    )
    .orderBy('a.ordinal', 'desc')
    .limit(page.limit)
    .execute();
  return rows.map((row) => ACTION.decode(row.data));
}

/** Actions by id, for the state view. */
export async function findActions(tx: Tx, ids: string[]): Promise<Map<string, ActionRun>> {
  if (ids.length === 0) return new Map();
  const rows = await on(tx)
    .selectFrom('codepipeline_action')
    .select(['action_execution_id', 'data'])
    .where('action_execution_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.action_execution_id, ACTION.decode(row.data)]));
}
