import type { Sweeps } from '../../kit/manifest.ts';
import { HEARD_MS } from './limits.ts';
import { hasHeardBefore, listQueues } from './store/deliveries.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codestar-notifications/deliver': ({ db }) => listQueues(db),
  'codestar-notifications/collect': async ({ db, clock }) =>
    (await hasHeardBefore(db, clock.now().getTime() - HEARD_MS)) ? ['all'] : [],
} satisfies Sweeps;
