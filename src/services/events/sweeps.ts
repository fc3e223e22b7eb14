import type { Sweeps } from '../../kit/manifest.ts';
import { keyOf } from './delivery/schedule-key.ts';
import { listDeliveries } from './store/deliveries.ts';
import { listDueRules } from './store/rules.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'events/deliver': ({ db }) => listDeliveries(db),
  'events/schedule': async ({ db, clock }) =>
    (await listDueRules(db, clock.now().getTime())).map(keyOf),
  'events/collect': async () => ['all'],
} satisfies Sweeps;
