import type { Sweeps } from '../../kit/manifest.ts';
import { listQueues } from './store/deliveries.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codestar-notifications/deliver': ({ db }) => listQueues(db),
  'codestar-notifications/collect': async () => ['all'],
} satisfies Sweeps;
