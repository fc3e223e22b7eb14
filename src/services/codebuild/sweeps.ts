import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/platform.ts';
import { keysInSlots } from './store/builds.ts';

const SWEEP = 1000;

const live = ({ db }: Platform) => keysInSlots(db, ['running', 'queued'], SWEEP);

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = { 'codebuild/build': live, 'codebuild/work': live } satisfies Sweeps;
