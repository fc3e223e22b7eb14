import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { blobsOf, LFS_BLOBS, UNNAMED_AFTER_MS } from '../lfs/blobs.ts';
import { unnamedBlobs } from '../store/lfs.ts';

const AT_ONCE = 200;

/** Deletes contents of LFS's objects that no row names, since a server died between the one and the other. */
export const lfsBlobs = defineReconciler<Platform>({
  name: LFS_BLOBS,
  async reconcile(platform) {
    const before = platform.clock.now().getTime() - UNNAMED_AFTER_MS;
    let [old, isYoung]: [string[], boolean] = [[], false];
    const remove = async () => {
      for (const id of await unnamedBlobs(platform.db, old)) await blobsOf(platform).delete(id);
      old = [];
    };
    for await (const { id, storedAt } of blobsOf(platform).list()) {
      if (storedAt.getTime() > before)
        isYoung ||= (await unnamedBlobs(platform.db, [id])).length > 0;
      else old.push(id);
      if (old.length >= AT_ONCE) await remove();
    }
    await remove();
    return isYoung ? new Date(platform.clock.now().getTime() + UNNAMED_AFTER_MS) : undefined;
  },
});
