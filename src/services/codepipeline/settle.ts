import type { Tx } from '../../db/database.ts';
import type { Platform } from '../../kit/service.ts';
import { change } from './model/advance.ts';
import type { Draft } from './model/draft.ts';
import { addressed } from './model/events.ts';
import {
  loadSnapshot,
  type StartRequestToken,
  type Subject,
  writeStep,
} from './store-executions.ts';

export const ACTION_RECONCILER = 'codepipeline/action';
export const PIPELINE_RECONCILER = 'codepipeline/pipeline';

export interface Settled<R> {
  result: R;
  /** The earliest time-out of an action that runs. */
  wakeAt: Date | undefined;
}

/**
 * The one way a pipeline's state changes: load, decide, write, wake what has to be done, tell of it; all in
 * the transaction `tx`. So whoever changes something (a call, an event, the end of an action) brings the
 * pipeline to where it can go at once, and nothing waits for a poll.
 *
 * @returns undefined when the pipeline is gone
 */
export async function settle<R>(
  ctx: Pick<Platform, 'clock' | 'engine' | 'events' | 'serverEndpoint'>,
  tx: Tx,
  pipelineId: string,
  command: (draft: Draft) => R,
  subject: Subject & { request?: StartRequestToken } = {},
): Promise<Settled<R> | undefined> {
  const snapshot = await loadSnapshot(tx, pipelineId, subject);
  if (!snapshot) return undefined;
  const { pipeline } = snapshot;
  const { result, step } = change(snapshot, ctx.clock.now().getTime(), command);
  await writeStep(tx, pipeline, step, subject.request);
  for (const id of step.effects.start) await ctx.engine.wake(tx, ACTION_RECONCILER, id);
  for (const event of step.effects.events) {
    await ctx.events.publish(tx, {
      source: 'aws.codepipeline',
      account: pipeline.accountId,
      region: pipeline.region,
      resources: [pipeline.arn],
      'detail-type': event.detailType,
      detail: addressed(event.detail, ctx.serverEndpoint()),
    });
  }
  const wakeAt = step.effects.wakeAt === undefined ? undefined : new Date(step.effects.wakeAt);
  if (wakeAt && step.effects.start.length > 0) {
    await ctx.engine.wake(tx, PIPELINE_RECONCILER, pipelineId, wakeAt);
  }
  return { result, wakeAt };
}
