import type { Sweeps } from '../../kit/manifest.ts';
import { keysToDelete } from './store/keys.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'kms/delete-key': ({ db, clock }) => keysToDelete(db, clock.now()),
} satisfies Sweeps;
