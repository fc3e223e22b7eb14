import type { Sweeps } from '../../kit/manifest.ts';
import { keysInSlots } from './store.ts';

const SWEEP = 1000;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codebuild/build': ({ db }) => keysInSlots(db, ['running', 'queued'], SWEEP),
} satisfies Sweeps;
