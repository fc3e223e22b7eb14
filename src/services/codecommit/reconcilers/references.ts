import { defineReconciler } from '../../../engine/engine.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { Platform } from '../../../kit/service.ts';
import { alignHead, announceReferences, REFERENCES } from '../history/references.ts';
import { isKeyRefusal } from '../keys/data-key.ts';
import { deleteObjectsOf } from '../lfs/blobs.ts';
import { forgetMergesUnderWay } from '../store/pull-requests.ts';
import { deleteOldChanges, lastChangeStart } from '../store/references.ts';
import { findRepositoryById } from '../store/repositories.ts';
import { sweeps } from '../sweeps.ts';

/** A change that was begun this long ago has ended, whatever has become of who made it. */
const LONGEST_CHANGE_MS = 6 * 60 * 60_000;
/** A lock of git's that is older was left by a process that was killed. */
const LONGEST_LOCK_MS = 60_000;
const SHORTEST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
/** A key that may not be used now may be used again, when somebody has enabled it, or changed its policy. */
const KEY_ANEW_MS = 5 * 60_000;

/**
 * Makes a repository on disk what the database says: there when it exists, gone when it was deleted, HEAD at
 * the default branch; and announces reference changes that nobody has announced, because the server was
 * killed between git's update and the announcement; and removes what killed git processes left behind. It looks
 * again while a change is under way, and later where the repository's key may not be used.
 */
export const references = defineReconciler<Platform>({
  name: REFERENCES,
  async reconcile(platform, repositoryId, signal) {
    const repository = await findRepositoryById(platform.db, repositoryId);
    if (!repository) {
      await platform.git.delete(repositoryId);
      await deleteObjectsOf(platform, repositoryId);
      return undefined;
    }
    try {
      return await makeTrue(platform, repositoryId, signal);
    } catch (error) {
      if (!isKeyRefusal(error)) throw error;
      platform.log.warn({ repositoryId, failure: error.message }, 'a repository stays closed');
      return new Date(platform.clock.now().getTime() + KEY_ANEW_MS);
    }
  },
  sweep: sweeps[REFERENCES],
});

/** Of pull requests that were being merged when a server went: they have not been merged after all. */
function forgetMerges(platform: Platform, repositoryId: string): Promise<void> {
  return platform.transaction(async (tx) => {
    if (!(await lastChangeStart(tx, repositoryId))) await forgetMergesUnderWay(tx, repositoryId);
  });
}

async function makeTrue(
  platform: Platform,
  repositoryId: string,
  signal: AbortSignal,
): Promise<Date | undefined> {
  await platform.git.create(repositoryId);
  await announceReferences(platform, repositoryId);
  await alignHead(platform, repositoryId);
  const now = platform.clock.now();
  const oldest = new Date(now.getTime() - LONGEST_CHANGE_MS);
  const begun = await lastChangeStart(platform.db, repositoryId);
  if (!begun) {
    await forgetMerges(platform, repositoryId);
    await maintain(platform, repositoryId, signal);
    return undefined;
  }
  await platform.transaction((tx) => deleteOldChanges(tx, repositoryId, oldest));
  const age = now.getTime() - begun.getTime();
  if (age >= LONGEST_LOCK_MS) {
    const locksBefore = new Date(now.getTime() - LONGEST_LOCK_MS);
    const git = platform.git.repository(repositoryId);
    await git.removeLeftovers({ locksBefore, incomingBefore: oldest });
  }
  const wait = Math.min(Math.max(age, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  return new Date(now.getTime() + wait);
}

/** What git cannot do within its bounds it could not do at the next try either: the repository stays as it is. */
async function maintain(
  platform: Platform,
  repositoryId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await platform.git.repository(repositoryId).maintain(signal);
  } catch (error) {
    if (!(error instanceof GitLimitError)) throw error;
    platform.log.warn({ err: error, repositoryId }, 'garbage was not collected');
  }
}
