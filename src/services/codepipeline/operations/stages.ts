import { randomUUID } from 'node:crypto';
import type { EnableStageTransitionCommandInput } from '@aws-sdk/client-codepipeline';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { approve, setTransition } from '../model/commands.ts';
import { type OverrideRequest, override } from '../model/override.ts';
import { retry } from '../model/retry.ts';
import { rollBack } from '../model/rollback.ts';
import type { RetryRequest } from '../model/state.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { onStage, pipeline } from '../resources/pipeline.ts';
import type { PipelineRecord } from '../store/pipelines.ts';
import { codepipeline } from './declare.ts';

export const disableStageTransition = codepipeline(
  'disableStageTransition',
  onStage,
  (ctx, input, found) => changeTransition(ctx, found, input, false, input.reason),
);

/** Who waits there enters at once (CP-C14). */
export const enableStageTransition = codepipeline(
  'enableStageTransition',
  onStage,
  (ctx, input, found) => changeTransition(ctx, found, input, true),
);

async function changeTransition(
  ctx: ServiceContext,
  { pipelineId }: PipelineRecord,
  input: EnableStageTransitionCommandInput,
  enabled: boolean,
  reason?: string,
) {
  await ctx.transaction((tx) =>
    settle(ctx, tx, pipelineId, (draft) =>
      setTransition(draft, {
        stageName: input.stageName ?? '',
        side: input.transitionType ?? 'Inbound',
        enabled,
        by: ctx.principal.arn,
        ...(reason !== undefined && { reason }),
      }),
    ),
  );
  return {};
}

export const retryStageExecution = codepipeline(
  'retryStageExecution',
  onStage,
  async (ctx, input, { pipelineId }) => {
    const request: RetryRequest = {
      stageName: input.stageName ?? '',
      executionId: input.pipelineExecutionId ?? '',
      mode: input.retryMode ?? 'FAILED_ACTIONS',
    };
    await ctx.transaction((tx) =>
      settle(ctx, tx, pipelineId, (draft) => retry(draft, request), request),
    );
    return { pipelineExecutionId: request.executionId };
  },
);

/** An execution of its own, of that stage alone (CP-C21). */
export const rollbackStage = codepipeline(
  'rollbackStage',
  onStage,
  async (ctx, input, { pipelineId }) => {
    const executionId = randomUUID();
    const targetId = input.targetPipelineExecutionId ?? '';
    const stageName = input.stageName ?? '';
    const request = { executionId, stageName, targetId, by: ctx.principal.arn };
    await ctx.transaction((tx) =>
      settle(ctx, tx, pipelineId, (draft) => rollBack(draft, request), { executionId: targetId }),
    );
    return { pipelineExecutionId: executionId };
  },
);

export const overrideStageCondition = codepipeline(
  'overrideStageCondition',
  onStage,
  async (ctx, input, { pipelineId }) => {
    const request: OverrideRequest = {
      stageName: input.stageName ?? '',
      executionId: input.pipelineExecutionId ?? '',
      member: input.conditionType === 'ON_SUCCESS' ? 'onSuccess' : 'beforeEntry',
    };
    await ctx.transaction((tx) =>
      settle(ctx, tx, pipelineId, (draft) => override(draft, request), request),
    );
    return {};
  },
);

/** IAM's resource is the action: `PIPELINE/STAGE/ACTION` (CP-A2). */
export const putApprovalResult = codepipeline(
  'putApprovalResult',
  on(pipeline, ({ pipelineName, stageName, actionName }) => [pipelineName, stageName, actionName]),
  async (ctx, input, { pipelineId }) => {
    const stageName = input.stageName ?? '';
    const actionName = input.actionName ?? '';
    const approvedAt = ctx.clock.now();
    await ctx.transaction((tx) =>
      settle(
        ctx,
        tx,
        pipelineId,
        (draft) =>
          approve(draft, {
            stageName,
            actionName,
            token: input.token ?? '',
            approved: input.result?.status === 'Approved',
            summary: input.result?.summary ?? '',
            by: ctx.principal.arn,
          }),
        { approval: { stageName, actionName, token: input.token ?? '' } },
      ),
    );
    return { approvedAt };
  },
);
