import type { Sweeps } from '../../kit/manifest.ts';
import { queuesToClean } from './store/clean.ts';
import { listActive } from './store/tasks.ts';

/** Keys of reconcilers whose wake-up may have been missed; a message's retention ends by it alone. */
export const sweeps = {
  'sqs/clean': ({ db, clock }) => queuesToClean(db, clock.now().getTime()),
  'sqs/move': ({ db }) => listActive(db),
} satisfies Sweeps;
