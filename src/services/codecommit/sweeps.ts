import type { Sweeps } from '../../kit/manifest.ts';
import { listUnsealed } from './store/repositories.ts';
import { notices } from './store/triggers.ts';

/** Repositories that are sealed in one go. */
const MOST_SEALED = 100;

/** Keys of reconcilers whose wake-up may have been missed, and of repositories of earlier versions. */
export const sweeps = {
  'codecommit/references': ({ db }) => listUnsealed(db, MOST_SEALED),
  'codecommit/trigger': ({ db, clock }) => notices.listDue(db, clock.now().getTime()),
} satisfies Sweeps;
