import { page } from '../../../kit/pages.ts';
import { executionNotFound } from '../errors.ts';
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
    const sources = { pipeline: record.declaration, region, endpoint, stages, executions, actions };
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
  async (ctx, input, { pipelineId, name }) => {
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
        listActions(ctx.db, pipelineId, { kind: 'action', executionId, latestOnly, before, limit }),
      ({ ordinal }) => ordinal,
    );
    return {
      actionExecutionDetails: items.map((run) => actionDetail(run, ctx.endpoint)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
);
