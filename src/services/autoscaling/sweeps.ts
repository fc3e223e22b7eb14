import type { Sweeps } from '../../kit/manifest.ts';
import { deliveryIds } from './store/deliveries.ts';
import { allGroupKeys } from './store/groups.ts';
import { allMemberKeys } from './store/members.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'autoscaling/group': ({ db }) => allGroupKeys(db),
  'autoscaling/health': ({ db }) => allGroupKeys(db),
  'autoscaling/member': ({ db }) => allMemberKeys(db),
  'autoscaling/delivery': ({ db }) => deliveryIds(db),
} satisfies Sweeps;
