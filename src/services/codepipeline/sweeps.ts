import type { Sweeps } from '../../kit/manifest.ts';
import { listLivePipelines, listRunningActions } from './store/executions.ts';
import { listOverdueJobs } from './store/jobs.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codepipeline/action': ({ db }) => listRunningActions(db),
  'codepipeline/job': ({ db, clock }) => listOverdueJobs(db, clock.now().getTime()),
  'codepipeline/pipeline': ({ db }) => listLivePipelines(db),
} satisfies Sweeps;
