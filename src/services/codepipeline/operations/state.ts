import { page } from '../../../kit/pages.ts';
import { executionNotFound } from '../errors.ts';
import { typeIdsIn } from '../model/declaration.ts';
import { knownTypes } from '../providers/made-types.ts';
import { onPipeline } from '../resources/pipeline.ts';
import { loadExecutions, loadStages } from '../store-executions.ts';
import { findActions, findExecution, listActions } from '../store-history.ts';
import { actionDetail, stageStateView } from '../views.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

export const getPipelineState = codepipeline(
  'getPipelineState',
  onPipeline,
  async (ctx, _input, record) => {
    const stages = await loadStages(ctx.db, record.pipelineId);
    const latest = stages.map((s) => s.latestExecutionId).filter((id) => id !== undefined);
    const executions = await loadExecutions(ctx.db, record.pipelineId, latest);
    const actions = await findActions(
      ctx.db,
      stages.flatMap((stage) => Object.values(stage.latestActions)),
    );
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

/** Newest first. */
export const listActionExecutions = codepipeline(
  'listActionExecutions',
  onPipeline,
  async (ctx, input, { pipelineId, name, accountId, region }) => {
    const latest = input.filter?.latestInPipelineExecution;
    const executionId = latest?.pipelineExecutionId ?? input.filter?.pipelineExecutionId;
    if (executionId !== undefined && !(await findExecution(ctx.db, pipelineId, executionId))) {
      throw executionNotFound(name, executionId);
    }
    const latestOnly = latest?.startTimeRange === 'Latest';
    const { items, nextToken } = await page(
      ctx,
      asked(input, 100),
      (before: number | undefined, limit) =>
        listActions(ctx.db, pipelineId, { executionId, latestOnly, before, limit }),
      ({ ordinal }) => ordinal,
    );
    const ids = items.map((run) => run.input.actionTypeId);
    const types = await knownTypes(ctx.db, { accountId, region }, ids);
    return {
      actionExecutionDetails: items.map((run) => actionDetail(run, ctx.endpoint, types)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
);
