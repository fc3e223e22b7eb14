import type { ListActionExecutionsCommandInput } from '@aws-sdk/client-codepipeline';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { executionNotFound } from '../errors.ts';
import { typeIdsIn } from '../model/declaration.ts';
import type { ExecutionState, StageState } from '../model/state.ts';
import { knownTypes } from '../providers/made-types.ts';
import { onPipeline } from '../resources/pipeline.ts';
import { loadExecutions, loadStages } from '../store/executions.ts';
import { findActions, findExecution, listActions } from '../store/history.ts';
import type { PipelineRecord } from '../store/pipelines.ts';
import { ruleDetail } from '../views/conditions.ts';
import { actionDetail, stageStateView } from '../views/executions.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

export const getPipelineState = codepipeline(
  'getPipelineState',
  onPipeline,
  async (ctx, _input, record) => {
    const stages = await loadStages(ctx.db, record.pipelineId);
    const latest = stages.map((s) => s.latestExecutionId).filter((id) => id !== undefined);
    const executions = await loadExecutions(ctx.db, record.pipelineId, latest);
    const actions = await findActions(ctx.db, [
      ...stages.flatMap((stage) => Object.values(stage.latestActions)),
      ...stages.flatMap((stage) => ruleIds(stage, executions)),
    ]);
    const { region, endpoint } = ctx;
    const ids = [
      ...typeIdsIn(record.declaration),
      ...[...actions.values()].map((run) => run.input.actionTypeId),
    ];
    const types = await knownTypes(ctx.db, record, ids);
    const sources = {
      ...{ pipeline: record.declaration, types, region, endpoint },
      ...{ stages, executions, actions },
    };
    return {
      pipelineName: record.name,
      pipelineVersion: record.version,
      stageStates: record.declaration.stages.map((_, index) =>
        stageStateView({ ...sources, index }),
      ),
      created: record.created,
      updated: record.updated,
    };
  },
);

/** The executions of rules that a stage's view shows. */
function ruleIds({ stageName, latestExecutionId }: StageState, executions: ExecutionState[]) {
  const latest = executions.find(({ executionId }) => executionId === latestExecutionId);
  const { conditions = {} } = (latest && ownValue(latest.stages, stageName)) ?? {};
  return Object.values(conditions).flatMap(({ rules }) => Object.values(rules));
}

/** Newest first. */
export const listActionExecutions = codepipeline(
  'listActionExecutions',
  onPipeline,
  async (ctx, input, found) => {
    const { items, nextToken } = await listRuns(ctx, found, input, 'action');
    const ids = items.map((run) => run.input.actionTypeId);
    const types = await knownTypes(ctx.db, found, ids);
    return {
      actionExecutionDetails: items.map((run) => actionDetail(run, ctx.endpoint, types)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
);

/** Newest first. */
export const listRuleExecutions = codepipeline(
  'listRuleExecutions',
  onPipeline,
  async (ctx, input, found) => {
    const { items, nextToken } = await listRuns(ctx, found, input, 'rule');
    return {
      ruleExecutionDetails: items.map((run) => ruleDetail(run, ctx.endpoint)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
);

/** @throws PipelineExecutionNotFoundException */
async function listRuns(
  ctx: ServiceContext,
  { pipelineId, name }: PipelineRecord,
  input: Pick<ListActionExecutionsCommandInput, 'filter' | 'maxResults' | 'nextToken'>,
  kind: 'action' | 'rule',
) {
  const latest = input.filter?.latestInPipelineExecution;
  const executionId = latest?.pipelineExecutionId ?? input.filter?.pipelineExecutionId;
  if (executionId !== undefined && !(await findExecution(ctx.db, pipelineId, executionId))) {
    throw executionNotFound(name, executionId);
  }
  const latestOnly = latest?.startTimeRange === 'Latest';
  return page(
    ctx,
    asked(input, 100),
    (before: number | undefined, limit) =>
      listActions(ctx.db, pipelineId, { kind, executionId, latestOnly, before, limit }),
    ({ ordinal }) => ordinal,
  );
}
