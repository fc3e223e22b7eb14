import type { Sweeps } from '../../kit/manifest.ts';
import { HISTORY_MS } from './limits.ts';
import { deliveryIds } from './store/deliveries.ts';
import { allGroupKeys } from './store/groups.ts';
import { hasHistory } from './store/history.ts';
import { busyMemberKeys } from './store/members.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'autoscaling/group': ({ db }) => allGroupKeys(db),
  'autoscaling/health': ({ db }) => allGroupKeys(db),
  'autoscaling/member': ({ db }) => busyMemberKeys(db),
  'autoscaling/delivery': ({ db }) => deliveryIds(db),
  // Nothing is loaded where there is nothing to forget.
  'autoscaling/history': async ({ db, clock }) =>
    (await hasHistory(db, clock.now().getTime() - HISTORY_MS)) ? ['all'] : [],
} satisfies Sweeps;
