import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isOpen, knownJob } from '../jobs/data.ts';
import { timeOut } from '../jobs/results.ts';
import { findJob } from '../store/jobs.ts';
import { sweeps } from '../sweeps.ts';
import { JOB_RECONCILER } from './names.ts';

/** Ends jobs that took longer than their type allows. The key is the job's id. */
export const jobReconciler = defineReconciler<Platform>({
  name: JOB_RECONCILER,
  async reconcile(ctx, key) {
    const job = await findJob(ctx.db, key);
    if (job?.status !== 'InProgress' || job.deadline === null) return undefined;
    if (job.deadline > ctx.clock.now().getTime()) return new Date(job.deadline);
    const known = await knownJob(ctx, job);
    if (known && isOpen(known)) await timeOut(ctx, known);
    return undefined;
  },
  sweep: sweeps[JOB_RECONCILER],
});
