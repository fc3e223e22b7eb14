import type { Sweeps } from '../../kit/manifest.ts';
import { thoseThatExist } from './store/repositories.ts';
import { notices } from './store/triggers.ts';

/** Repositories that are sealed in one go. */
const MOST_SEALED = 100;

/** Keys of reconcilers whose wake-up may have been missed, and of repositories that an earlier version left in the clear. */
export const sweeps = {
  'codecommit/references': async ({ db, git }) => {
    const unsealed = await git.unsealed();
    return unsealed.length === 0 ? [] : thoseThatExist(db, unsealed, MOST_SEALED);
  },
  'codecommit/trigger': ({ db, clock }) => notices.listDue(db, clock.now().getTime()),
} satisfies Sweeps;
