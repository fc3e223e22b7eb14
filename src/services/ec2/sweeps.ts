import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/platform.ts';
import { keysInStates } from './store/instances.ts';

const SWEEP = 1000;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'ec2/instance': ({ db }: Platform) => keysInStates(db, ['terminated'], SWEEP),
  'ec2/compute': ({ db }: Platform) =>
    keysInStates(db, ['pending', 'running', 'stopping', 'shutting-down'], SWEEP),
} satisfies Sweeps;
