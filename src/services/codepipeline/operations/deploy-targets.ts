import {
  ActionExecutionNotFoundException,
  type DeployActionExecutionTarget,
  type TargetFilter,
} from '@aws-sdk/client-codepipeline';
import { AwsError, exception } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { authorizeOn } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, pipelineNotFound } from '../errors.ts';
import { findActionType } from '../model/action-type.ts';
import { failureOf } from '../providers/failure.ts';
import { workTypes } from '../providers/index.ts';
import { jobOf } from '../reconcilers/action.ts';
import { pipeline as pipelineResource } from '../resources/pipeline.ts';
import { type FoundAction, findAction } from '../store/executions.ts';
import { findPipeline, findPipelineById, type PipelineRecord } from '../store/pipelines.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

/** Where a deploy action deploys to, as its provider knows it. Actions of other kinds have no targets. */
export const listDeployActionExecutionTargets = codepipeline(
  'listDeployActionExecutionTargets',
  'self',
  async (ctx, input) => {
    const { pipeline, found } = await require(ctx, input);
    const all = await targetsOf(ctx, pipeline, found);
    const shown = all.filter((target) => passes(target, input.filters ?? []));
    const { items, nextToken } = pageOfList(
      ctx,
      asked(input, 100),
      shown,
      ({ targetId = '' }) => targetId,
    );
    return { targets: items, ...(nextToken !== undefined && { nextToken }) };
  },
);

interface Input {
  pipelineName?: string | undefined;
  actionExecutionId: string | undefined;
}

/**
 * The action's pipeline is known by the action where the call does not name it; IAM is asked before anything is told.
 * @throws PipelineNotFoundException, ActionExecutionNotFoundException
 */
async function require(
  ctx: ServiceContext,
  { pipelineName, actionExecutionId: id = '' }: Input,
): Promise<{ pipeline: PipelineRecord; found: FoundAction }> {
  const found = await findAction(ctx.db, id);
  const its = found && (await findPipelineById(ctx.db, found.pipelineId));
  const here = its?.accountId === ctx.accountId && its.region === ctx.region ? its : undefined;
  const name = pipelineName ?? here?.name ?? '';
  const located = pipelineResource.locate(ctx, [name]);
  await authorizeOn(
    ctx,
    pipelineResource,
    located,
    'codepipeline:ListDeployActionExecutionTargets',
  );
  const pipeline = name ? await findPipeline(ctx.db, located) : undefined;
  if (pipelineName !== undefined && !pipeline) throw pipelineNotFound(ctx.accountId, pipelineName);
  if (found && !found.run.rule && pipeline?.pipelineId === found.pipelineId)
    return { pipeline, found };
  throw exception(
    ActionExecutionNotFoundException,
    `The action execution '${id}' could not be found`,
  );
}

async function targetsOf(
  ctx: ServiceContext,
  now: PipelineRecord,
  { run }: FoundAction,
): Promise<DeployActionExecutionTarget[]> {
  const type = findActionType(workTypes, run.input.actionTypeId);
  if (!type?.targets || run.progress.externalExecutionId === undefined) return [];
  const pipeline = await findPipelineById(ctx.db, now.pipelineId, run.pipelineVersion);
  try {
    return await type.targets(jobOf(ctx, { pipeline: pipeline ?? now, run, type }));
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    if (failure.code === 'PermissionError')
      throw new AwsError('AccessDeniedException', failure.message, 400);
    throw invalid(failure.message);
  }
}

/** Of one filter any value, of several filters all. */
const passes = ({ status = '' }: DeployActionExecutionTarget, filters: readonly TargetFilter[]) =>
  filters.every(({ values = [] }) =>
    values.some((value) => value.toLowerCase() === status.toLowerCase()),
  );
