import type { ActionFacts } from '../model/action-type.ts';
import type { ActionType } from './action-type.ts';

/**
 * An action of a type that somebody made (CP-B30): it waits as a job until a worker has polled for it, and ends by that
 * worker's word. Without `look`: nobody is asked how it goes.
 */
export const jobWorker = (facts: ActionFacts): ActionType => ({
  ...facts,
  async start(job) {
    return { state: 'running', progress: { jobId: await job.queue() } };
  },
});
