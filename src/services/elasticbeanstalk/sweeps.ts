import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/platform.ts';
import { environmentKeys } from './store/environments.ts';

const SWEEP = 1000;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'elasticbeanstalk/environment': ({ db }: Platform) => environmentKeys(db, 'all', SWEEP),
  'elasticbeanstalk/fleet': ({ db }: Platform) => environmentKeys(db, 'live', SWEEP),
} satisfies Sweeps;
