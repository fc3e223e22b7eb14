import type { Sweeps } from '../../kit/manifest.ts';
import { notices } from './store/triggers.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codecommit/trigger': ({ db, clock }) => notices.listDue(db, clock.now().getTime()),
} satisfies Sweeps;
