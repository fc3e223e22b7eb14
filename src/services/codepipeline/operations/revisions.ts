import { randomUUID } from 'node:crypto';
import { on } from '../../../kit/resource.ts';
import { putRevision } from '../model/put-revision.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { pipeline } from '../resources/pipeline.ts';
import { addRevision } from '../store/executions.ts';
import { codepipeline } from './declare.ts';

/** Somebody tells of a revision that a source action is to work with (CP-C11). IAM's resource is the action. */
export const putActionRevision = codepipeline(
  'putActionRevision',
  on(pipeline, ({ pipelineName, stageName, actionName }) => [pipelineName, stageName, actionName]),
  async (ctx, input, { pipelineId }) => {
    const actionName = input.actionName ?? '';
    const revisionId = input.actionRevision?.revisionId ?? '';
    const pipelineExecutionId = randomUUID();
    const request = {
      executionId: pipelineExecutionId,
      stageName: input.stageName ?? '',
      ...{ actionName, revisionId },
      by: ctx.principal.arn,
    };
    const newRevision = await ctx.transaction(async (tx) => {
      await settle(ctx, tx, pipelineId, (draft) => putRevision(draft, request));
      return addRevision(tx, { pipelineId, actionName, revisionId });
    });
    return { newRevision, pipelineExecutionId };
  },
);
