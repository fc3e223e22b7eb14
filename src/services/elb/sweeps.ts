import type { Sweeps } from '../../kit/manifest.ts';
import { listArns } from './store/balancers.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'elb/serve': ({ db }) => listArns(db),
} satisfies Sweeps;
