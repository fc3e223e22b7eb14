import type { Sweeps } from '../../kit/manifest.ts';
import { HEARD_MS } from './limits.ts';
import { hasOld, listQueues } from './store/deliveries.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codestar-notifications/deliver': ({ db }) => listQueues(db),
  // A sweep that always names something would load the service at every start.
  'codestar-notifications/collect': async ({ db, clock }) =>
    (await hasOld(db, clock.now().getTime() - HEARD_MS)) ? ['all'] : [],
} satisfies Sweeps;
