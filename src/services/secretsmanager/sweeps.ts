import type { Sweeps } from '../../kit/manifest.ts';
import { listDue } from './store/secrets.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'secretsmanager/delete-secret': ({ db, clock }) => listDue(db, clock.now().getTime()),
} satisfies Sweeps;
