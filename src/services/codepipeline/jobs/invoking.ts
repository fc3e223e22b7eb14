import type { Platform } from '../../../kit/service.ts';
import type { TakenJob } from '../providers/action-type.ts';
import { JOB_RECONCILER } from '../reconcilers/names.ts';
import { changeJob, findLatestJob, type WorkerJob } from '../store/jobs.ts';
import { jobData, type KnownJob } from './data.ts';
import { addJob, type Handed } from './handing.ts';

/*
 * Jobs that nobody polls for: whoever does the work is told of it (CP-B24). A job is begun before it is told of, since
 * its result may come at once, and told of until it is noted that it was.
 */

const BEGUN = 'begun';
const TOLD = 'told';

/** The action's job as it is now; undefined when there is nobody to tell of it. */
export async function takeJob(
  ctx: Platform,
  handed: Omit<KnownJob, 'job'>,
): Promise<TakenJob | undefined> {
  const job = await begin(ctx, handed);
  if (!job) return undefined;
  const { jobId: id, accountId } = job;
  return {
    id,
    accountId,
    data: await jobData(ctx, { ...handed, job }),
    told: () => note(ctx, job),
  };
}

async function begin(ctx: Platform, handed: Handed): Promise<WorkerJob | undefined> {
  const { run, type } = handed;
  return ctx.transaction(async (tx) => {
    if (!(await findLatestJob(tx, run.actionExecutionId)))
      await addJob(ctx, tx, handed, { number: 1 });
    const job = await findLatestJob(tx, run.actionExecutionId);
    if (job?.status === 'InProgress' && job.nonce === BEGUN) return job;
    const now = ctx.clock.now().getTime();
    if (job?.status !== 'Queued' || (job.availableAt ?? 0) > now) return undefined;
    const deadline = now + (type.jobSeconds ?? 0) * 1000;
    const change = { status: 'InProgress' as const, nonce: BEGUN, deadline };
    await changeJob(tx, job.jobId, change);
    await ctx.engine.wake(tx, JOB_RECONCILER, job.jobId, new Date(deadline));
    return { ...job, ...change };
  });
}

async function note(ctx: Platform, { actionExecutionId, jobId }: WorkerJob): Promise<void> {
  await ctx.transaction(async (tx) => {
    const job = await findLatestJob(tx, actionExecutionId);
    if (job?.jobId !== jobId || job.status !== 'InProgress') return;
    await changeJob(tx, jobId, { status: 'InProgress', nonce: TOLD, deadline: job.deadline });
  });
}
