import { randomUUID } from 'node:crypto';
import {
  ConcurrentPipelineExecutionsLimitExceededException,
  ValidationException,
} from '@aws-sdk/client-codepipeline';
import type { AwsEvent, Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { ANY_ITEM, type Changed, type Watching } from '../model/action-type.ts';
import { start } from '../model/commands.ts';
import { report } from '../model/outcome.ts';
import { isPolled } from '../model/polling.ts';
import { decide, triggerOf } from '../model/triggers.ts';
import type { ActionType, Hearing, Job } from '../providers/action-type.ts';
import { failureOf } from '../providers/failure.ts';
import { actAs } from '../providers/role.ts';
import {
  type FoundAction,
  findExecutionByToken,
  findRunningByExternalId,
  listUnstartedActions,
} from '../store/executions.ts';
import { findPipelineById, type WatchedSource } from '../store/pipelines.ts';
import { pollingEnded } from '../views/polling.ts';
import { wants, watchersOf } from '../wants.ts';
import { jobOf, lookAtAction } from './action.ts';
import { decideInTurns } from './in-turns.ts';
import { ACTION_RECONCILER } from './names.ts';
import { settle } from './pipeline.ts';

/** What the action types hear, and what starts pipelines that watch their sources. */
export const subscriptions = (types: readonly ActionType[]): Subscription<Platform>[] =>
  types.flatMap((type) => [
    ...(type.hears ?? []).map((hearing) => heard(types, type, hearing)),
    ...(type.watches ? [sourceChanged(type, type.watches)] : []),
  ]);

function heard(
  types: readonly ActionType[],
  type: ActionType,
  { name, pattern, watches, work, isOf }: Hearing,
): Subscription<Platform> {
  const full = `codepipeline/${name}`;
  return {
    ...{ name: full, pattern, wants: ownValue(wants, full) },
    ...(watches && { watches }),
    async deliver(ctx, event) {
      if (isOf) await findOwner(ctx, type, event, { work: work(event), isOf });
      else await lookForWaiting(ctx, types, type.provider, work(event));
    },
  };
}

/** At once, not by a wake-up: what comes next in the pipeline waits for it. */
async function lookForWaiting(
  ctx: Platform,
  types: readonly ActionType[],
  provider: string,
  externalId: string,
): Promise<void> {
  for (const id of await findRunningByExternalId(ctx.db, provider, externalId)) {
    await lookAtAction(ctx, types, id);
  }
}

/** Work has begun: an action that does not know what it started, because the server went down right after, is told. */
async function findOwner(
  ctx: Platform,
  type: ActionType,
  event: AwsEvent,
  begun: { work: string; isOf: NonNullable<Hearing['isOf']> },
): Promise<void> {
  for (const found of await listUnstartedActions(ctx.db, type.provider, event)) {
    await adopt(ctx, type, found, begun);
  }
}

async function adopt(
  ctx: Platform,
  type: ActionType,
  { pipelineId, run }: FoundAction,
  { work, isOf }: { work: string; isOf: NonNullable<Hearing['isOf']> },
): Promise<void> {
  const pipeline = await findPipelineById(ctx.db, pipelineId, run.pipelineVersion);
  if (!pipeline) return;
  const its = await isOf(jobOf(ctx, { type, pipeline, run }), work).catch((error) => {
    // Another pipeline's work, which this one's role may not see.
    if (failureOf(error)) return false;
    throw error;
  });
  if (!its) return;
  const { actionExecutionId } = run;
  await ctx.transaction(async (tx) => {
    const progress = { externalExecutionId: work };
    await settle(ctx, tx, pipelineId, (draft) =>
      report(draft, actionExecutionId, { state: 'running', progress }),
    );
    await ctx.engine.wake(tx, ACTION_RECONCILER, actionExecutionId);
  });
}

/** A source has changed: the pipelines that watch it start with the revision that the event names (CP-C7, CP-C39). */
function sourceChanged(type: ActionType, watching: Watching): Subscription<Platform> {
  const { provider } = type;
  const name = `codepipeline/${watching.name}`;
  return {
    name,
    pattern: watching.pattern,
    watches: true,
    wants: ownValue(wants, name),
    async deliver(ctx, event) {
      const changed = watching.changed(event);
      for (const watcher of await watchersOf(ctx.db, { provider, watching }, event)) {
        const starts =
          watcher.item === ANY_ITEM
            ? await triggers(ctx, type, watcher, event)
            : await isLookedAt(ctx, type, watcher);
        if (starts) await startFor(ctx, event, watcher, changed);
      }
    },
  };
}

/** Is the source looked at still, as AWS would: of a pipeline in which nothing goes on it is not (CP-A50)? */
async function isLookedAt(
  ctx: Platform,
  type: ActionType,
  { pipelineId, actionName }: WatchedSource,
): Promise<boolean> {
  const pipeline = await findPipelineById(ctx.db, pipelineId);
  if (!pipeline || !isPolled([type], pipeline.declaration, actionName)) return true;
  const end = await pollingEnded(ctx, pipeline);
  if (end) ctx.log.info({ pipelineId, end }, 'a source changed that is not polled any more');
  return end === undefined;
}

/**
 * Does the trigger of a source action take this change? Where it depends on the files, they are asked for under the
 * pipeline's role; who may not ask starts, and fails at its source action for all to see, rather than to miss a change.
 */
async function triggers(
  ctx: Platform,
  type: ActionType,
  { pipelineId, actionName }: WatchedSource,
  event: AwsEvent,
): Promise<boolean> {
  const pipeline = await findPipelineById(ctx.db, pipelineId);
  const trigger = pipeline && triggerOf(pipeline.declaration, actionName);
  const change = type.watches?.changed(event).change;
  if (!trigger || !change) return false;
  const first = decide(trigger, change);
  if (first !== 'files') return first;
  const { region } = pipeline;
  const client: Job['client'] = (Client) =>
    ctx.client(Client, actAs(pipeline, { input: { region } }));
  try {
    const files = await type.changedFiles?.(client, event);
    return files === undefined || (await decideInTurns(trigger, change, files));
  } catch (error) {
    if (!failureOf(error)) throw error;
    const reason = (error as Error).message;
    ctx.log.warn({ pipelineId, reason }, 'a pipeline starts whatever files have changed');
    return true;
  }
}

/** Starts an execution once for an event, however often it is delivered. */
async function startFor(
  ctx: Platform,
  event: AwsEvent,
  { pipelineId, actionName, item }: WatchedSource,
  { revision, trigger = { triggerType: 'PollForSourceChanges' } }: Changed,
): Promise<void> {
  // A colon cannot be in a clientRequestToken, so the two kinds of tokens never meet.
  const token = `event:${event.id}:${actionName}`;
  const executionId = randomUUID();
  const request = {
    executionId,
    trigger,
    // What a trigger's filters have let in is not the head of a branch.
    [item === ANY_ITEM ? 'sourceOverrides' : 'changed']: revision
      ? [{ actionName, ...revision }]
      : [],
  };
  try {
    await ctx.transaction(async (tx) => {
      if (await findExecutionByToken(tx, pipelineId, token)) return;
      await settle(ctx, tx, pipelineId, (draft) => start(draft, request), {
        request: { executionId, token },
      });
    });
  } catch (error) {
    // A variable without a default: only a person can start this pipeline. Or as many run as may.
    const refused =
      error instanceof ValidationException ||
      error instanceof ConcurrentPipelineExecutionsLimitExceededException;
    if (!refused) throw error;
    ctx.log.info(
      { pipelineId, reason: error.message },
      'a source change could not start a pipeline',
    );
  }
}
