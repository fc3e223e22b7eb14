import { randomInt } from 'node:crypto';
import type { JobData } from '@aws-sdk/client-codepipeline';
import type { ServiceContext } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import { report } from '../model/outcome.ts';
import { describe, isDenied } from '../providers/failure.ts';
import { settle } from '../reconcilers/pipeline.ts';
import {
  changeJob,
  findJob,
  listAvailable,
  nextAvailable,
  type Wanted,
  type WorkerJob,
} from '../store/jobs.ts';
import { isOpen, jobData, type KnownJob, knownJob } from './data.ts';
import { jobsTopic } from './handing.ts';

/** Said by a look that found nothing, where a job that was handed out is free again sooner than the wait is over. */
const SOONER = 'sooner';

/**
 * Takes jobs for a worker, at most `count` of them; waits for the first where there is none. A job that it has taken is
 * taken by nobody else until it is acknowledged, or its time is over.
 */
export async function poll(
  ctx: ServiceContext,
  wanted: Wanted,
  count: number,
): Promise<KnownJob[]> {
  const { clock, engine, signal } = ctx;
  const time = () => clock.now().getTime();
  const until = time() + limits.pollMs;
  for (;;) {
    const wake = Math.min(until, (await nextAvailable(ctx.db, wanted)) ?? until);
    const look = async () => {
      const taken = await take(ctx, wanted, count);
      if (taken.length > 0) return taken;
      const next = await nextAvailable(ctx.db, wanted);
      return next !== undefined && next < wake ? SOONER : undefined;
    };
    const seen = await engine.heard(jobsTopic(wanted), look, { until: new Date(wake), signal });
    if (seen !== undefined && seen !== SOONER) return seen;
    if (time() >= until || signal.aborted || (seen === undefined && time() < wake)) return [];
  }
}

/** Looks first, so that polls that find nothing write nothing. */
async function take(ctx: ServiceContext, wanted: Wanted, count: number): Promise<KnownJob[]> {
  const limit = Math.min(count, limits.jobsPerPoll);
  for (;;) {
    const now = ctx.clock.now().getTime();
    const waiting = await listAvailable(ctx.db, wanted, { now, limit });
    if (waiting.length === 0) return [];
    const open: KnownJob[] = [];
    for (const job of waiting) {
      const known = await knownJob(ctx, job);
      if (known && isOpen(known)) open.push(known);
      // Its action was abandoned, or was too late: nobody is to work on it any more.
      else await ctx.transaction((tx) => changeJob(tx, job.jobId, { status: 'TimedOut' }));
    }
    const taken = await dispatch(ctx, open, now);
    if (taken.length > 0) return taken;
    // Others were quicker, or nothing of it was open: there may be more behind.
  }
}

/** Marks jobs as handed out, each to one poll alone. */
function dispatch(ctx: ServiceContext, jobs: KnownJob[], now: number): Promise<KnownJob[]> {
  return ctx.transaction(async (tx) => {
    const taken: KnownJob[] = [];
    for (const known of jobs) {
      const job = await findJob(tx, known.job.jobId);
      if (!job || !isFree(job, known.job)) continue;
      const dispatched = { ...job, status: 'Dispatched' as const, nonce: newNonce() };
      const { status, nonce } = dispatched;
      await changeJob(tx, job.jobId, { status, nonce, availableAt: now + limits.jobAgainMs });
      taken.push({ ...known, job: dispatched });
    }
    return taken;
  });
}

/** As it was when it was looked at: nobody has taken it since. */
const isFree = (job: WorkerJob, seen: WorkerJob) =>
  job.status === seen.status && job.nonce === seen.nonce;

/** AWS's nonces are numbers. */
const newNonce = () => String(randomInt(1, 2 ** 47));

/** A job of a poll's answer. */
export interface DispatchedJob {
  known: KnownJob;
  data: JobData;
}

/**
 * What a worker gets to know of jobs that were taken for it. An action whose role gives no credentials fails: no worker
 * could do it.
 */
export async function withData(ctx: ServiceContext, taken: KnownJob[]): Promise<DispatchedJob[]> {
  const jobs: DispatchedJob[] = [];
  for (const known of taken) {
    try {
      jobs.push({ known, data: await jobData(ctx, known) });
    } catch (error) {
      if (!isDenied(error)) throw error;
      await fail(ctx, known, error);
    }
  }
  return jobs;
}

async function fail(ctx: ServiceContext, { job, pipeline, run }: KnownJob, error: Error) {
  const { roleArn } = pipeline.declaration;
  const message = `CodePipeline could not get credentials for the artifacts of the job from the role ${run.input.roleArn ?? roleArn}. Error: ${describe(error, 'AWSSecurityTokenService')}`;
  await ctx.transaction(async (tx) => {
    await changeJob(tx, job.jobId, { status: 'Failed' });
    await settle(ctx, tx, pipeline.pipelineId, (draft) =>
      report(draft, run.actionExecutionId, { state: 'failed', code: 'PermissionError', message }),
    );
  });
}
