import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isKeyRefusal } from '../keys/data-key.ts';
import {
  blobsOf,
  LFS_BLOBS,
  LFS_OBJECTS,
  lookAt,
  UNNAMED,
  UNNAMED_AFTER_MS,
  UNPOINTED_LIVES_MS,
} from '../lfs/blobs.ts';
import { MOST_POINTER_BYTES, pointedBy } from '../model/lfs.ts';
import { deleteObjects, notePointed, oldestUnpointed, unpointedBefore } from '../store/lfs.ts';
import { findRepositoryById } from '../store/repositories.ts';

const AT_ONCE = 200;
/** A key that may not be used now may be later, and nothing is lost meanwhile but room. */
const KEY_ANEW_MS = 24 * 60 * 60_000;

/**
 * Deletes objects of Git LFS that were uploaded a week ago, or more, and that nothing in the repository points to: their push was
 * never done. Where it cannot be seen what all of the repository points to nothing goes. One that anything has pointed to stays as long as the repository, as every commit does.
 */
export const lfsObjects = defineReconciler<Platform>({
  name: LFS_OBJECTS,
  async reconcile(platform, repositoryId, signal) {
    const { db, clock } = platform;
    // With a repository that has gone all of its objects go.
    if (!(await findRepositoryById(db, repositoryId))) return undefined;
    const before = new Date(clock.now().getTime() - UNPOINTED_LIVES_MS);
    try {
      const oldest = await oldestUnpointed(db, repositoryId);
      if (oldest && oldest < before) {
        await platform.git.create(repositoryId);
        const git = platform.git.repository(repositoryId);
        // One that nobody has pushed to may be where the objects of another server's repository are.
        if ((await git.references()).length === 0)
          return new Date(platform.clock.now().getTime() + UNPOINTED_LIVES_MS);
        await lookForPointers(platform, repositoryId, signal);
        await removeUnpointed(platform, repositoryId, before);
      }
    } catch (error) {
      if (!isKeyRefusal(error)) throw error;
      return new Date(clock.now().getTime() + KEY_ANEW_MS);
    }
    const next = await oldestUnpointed(db, repositoryId);
    return next && lookAt(next, repositoryId);
  },
});

async function lookForPointers(
  platform: Platform,
  repositoryId: string,
  signal: AbortSignal,
): Promise<void> {
  const found = new Set<string>();
  const note = async () => {
    const oids = [...found];
    found.clear();
    await platform.transaction((tx) => notePointed(tx, repositoryId, oids, platform.clock.now()));
  };
  const git = platform.git.repository(repositoryId);
  for await (const blob of git.smallBlobs(MOST_POINTER_BYTES, signal)) {
    const oid = pointedBy(blob);
    if (oid !== undefined) found.add(oid);
    if (found.size >= AT_ONCE) await note();
  }
  await note();
}

async function removeUnpointed(
  platform: Platform,
  repositoryId: string,
  before: Date,
): Promise<void> {
  for (;;) {
    const gone = await platform.transaction(async (tx) => {
      const some = await unpointedBefore(tx, { repositoryId, before, limit: AT_ONCE });
      const oids = some.map(({ oid }) => oid);
      if (oids.length === 0) return some;
      await deleteObjects(tx, repositoryId, oids);
      // Should the server go now, somebody finds their blobs, which belong to no object any more.
      const at = new Date(platform.clock.now().getTime() + UNNAMED_AFTER_MS);
      await platform.engine.wake(tx, LFS_BLOBS, UNNAMED, at);
      return some;
    });
    for (const { blobId } of gone) await blobsOf(platform).delete(blobId);
    if (gone.length < AT_ONCE) return;
  }
}
