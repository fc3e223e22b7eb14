import type { Sweeps } from '../../kit/manifest.ts';
import { listUploadsInProgress } from './store/uploads.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codeconnections/uploads': ({ db }) => listUploadsInProgress(db),
} satisfies Sweeps;
