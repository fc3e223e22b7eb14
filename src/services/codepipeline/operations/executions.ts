import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ConflictException } from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { executionNotFound, pipelineNotFound } from '../errors.ts';
import { type StartRequest, start, stop } from '../model/commands.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { onPipeline } from '../resources/pipeline.ts';
import { findExecutionByToken } from '../store/executions.ts';
import { findExecution, listExecutions } from '../store/history.ts';
import { executionSummary, executionView } from '../views/executions.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

/** The same clientRequestToken answers with the same execution (CP-C9). */
export const startPipelineExecution = codepipeline(
  'startPipelineExecution',
  onPipeline,
  async (ctx, input, { pipelineId }) => {
    const executionId = randomUUID();
    const token = input.clientRequestToken;
    const request = {
      executionId,
      trigger: triggerOf(ctx),
      variables: input.variables ?? [],
      sourceOverrides: input.sourceRevisions ?? [],
    } as StartRequest;
    return ctx.transaction(async (tx) => {
      const known = token && (await findExecutionByToken(tx, pipelineId, token));
      if (known) return { pipelineExecutionId: await sameRequest(tx, pipelineId, known, request) };
      const settled = await settle(
        ctx,
        tx,
        pipelineId,
        (draft) => start(draft, request),
        token === undefined ? {} : { request: { executionId, token } },
      );
      if (!settled) throw pipelineNotFound(ctx.accountId, input.name ?? '');
      return { pipelineExecutionId: executionId };
    });
  },
);

/** The execution that a request started before. @throws ConflictException where that was another request */
async function sameRequest(
  tx: Tx,
  pipelineId: string,
  executionId: string,
  { variables = [], sourceOverrides = [] }: StartRequest,
): Promise<string> {
  const execution = await findExecution(tx, pipelineId, executionId);
  const same =
    execution &&
    isDeepStrictEqual(execution.sourceOverrides, sourceOverrides) &&
    variables.every(({ name, value }) => ownValue(execution.variables, name) === value);
  if (same) return executionId;
  throw exception(
    ConflictException,
    'Another pipeline execution was started with the same clientRequestToken and other parameters',
  );
}

/** Who started it: somebody, or a rule of EventBridge. */
function triggerOf({ invokedFor, principal }: ServiceContext): StartRequest['trigger'] {
  return invokedFor?.service === 'events.amazonaws.com'
    ? { triggerType: 'CloudWatchEvent', triggerDetail: invokedFor.sourceArn }
    : { triggerType: 'StartPipelineExecution', triggerDetail: principal.arn };
}

export const stopPipelineExecution = codepipeline(
  'stopPipelineExecution',
  onPipeline,
  async (ctx, input, { pipelineId }) => {
    const executionId = input.pipelineExecutionId ?? '';
    await ctx.transaction((tx) =>
      settle(ctx, tx, pipelineId, (draft) =>
        stop(draft, {
          executionId,
          abandon: input.abandon ?? false,
          ...(input.reason !== undefined && { reason: input.reason }),
        }),
      ),
    );
    return { pipelineExecutionId: executionId };
  },
);

export const getPipelineExecution = codepipeline(
  'getPipelineExecution',
  onPipeline,
  async (ctx, input, { pipelineId, name }) => {
    const executionId = input.pipelineExecutionId ?? '';
    const execution = await findExecution(ctx.db, pipelineId, executionId);
    if (!execution) throw executionNotFound(name, executionId);
    return { pipelineExecution: executionView(name, execution, ctx.endpoint) };
  },
);

/** Newest first. */
export const listPipelineExecutions = codepipeline(
  'listPipelineExecutions',
  onPipeline,
  async (ctx, input, { pipelineId }) => {
    const succeededInStage = input.filter?.succeededInStage?.stageName;
    const { items, nextToken } = await page(
      ctx,
      asked(input, 100),
      (before: number | undefined, limit) =>
        listExecutions(ctx.db, pipelineId, { before, limit, succeededInStage }),
      ({ ordinal }) => ordinal,
    );
    return {
      pipelineExecutionSummaries: items.map((execution) =>
        executionSummary(execution, ctx.endpoint),
      ),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
);
