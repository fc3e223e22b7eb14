import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import type { ActionFacts } from '../model/action-type.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { uuidOf } from '../model/ids.ts';
import { queryableOf } from '../model/made-type.ts';
import type { ActionRun, PipelineState } from '../model/state.ts';
import { insertJob, type Wanted, type WorkerJob } from '../store/jobs.ts';

/** What polls for jobs of a type wait for. */
export const jobsTopic = ({ region, typeKey }: Pick<Wanted, 'region' | 'typeKey'>) =>
  `codepipeline/jobs/${region}/${typeKey}`;

/** Names a made type in its region: a third party's too, which has one maker alone. */
export const typeKeyOf = (
  makerId: string,
  { owner, category, provider, version }: ActionTypeId,
): string => [makerId, owner, category, provider, version].join('/');

/** An action that its workers are to get. */
export interface Handed {
  pipeline: Pick<PipelineState, 'accountId'>;
  run: ActionRun;
  type: ActionFacts;
}

/**
 * Makes an action's first job and rings for it, once however often it is called: its id follows from the action
 * execution's.
 * @returns its id
 */
export async function handToWorkers(
  ctx: Pick<Platform, 'clock' | 'engine' | 'transaction'>,
  handed: Handed,
): Promise<string> {
  return ctx.transaction((tx) => addJob(ctx, tx, handed, { number: 1 }));
}

/** Makes a job, and lets those who poll for it look. @returns its id */
export async function addJob(
  ctx: Pick<Platform, 'clock' | 'engine'>,
  tx: Tx,
  { pipeline, run, type }: Handed,
  {
    number,
    continuationToken,
    laterMs = 0,
  }: Pick<WorkerJob, 'number' | 'continuationToken'> & { laterMs?: number },
): Promise<string> {
  const { accountId } = pipeline;
  // Where whoever works on it is: a function answers in its own region.
  const { region } = run.input;
  const queryable = queryableOf(type);
  const job = {
    jobId: uuidOf('job', run.actionExecutionId, number),
    actionExecutionId: run.actionExecutionId,
    ...{ accountId, region, number, continuationToken },
    typeKey: typeKeyOf(type.worker?.accountId ?? accountId, run.input.actionTypeId),
    queryValue: queryable
      ? (ownValue(run.input.resolvedConfiguration, queryable.name) ?? null)
      : null,
  };
  await insertJob(tx, job, ctx.clock.now().getTime() + laterMs);
  await ctx.engine.ring(tx, jobsTopic(job));
  return job.jobId;
}
