import type { Sweeps } from '../../kit/manifest.ts';
import { listQueues } from './store/deliveries.ts';
import { heard } from './store/heard.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codestar-notifications/deliver': ({ db }) => listQueues(db),
  'codestar-notifications/collect': async ({ db, clock }) =>
    (await heard.isOverdue(db, clock.now())) ? ['all'] : [],
} satisfies Sweeps;
