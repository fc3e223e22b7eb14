import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { LOCAL_CACHES_UNUSED_MS, ORPHANS_AFTER_MS } from '../limits.ts';
import { cacheScope } from '../model/cache.ts';
import { KeptCaches } from '../model/kept-caches.ts';
import { cachedAs } from '../run/cached-project.ts';
import { blobsOf } from '../run/local-caches.ts';
import { findBuild } from '../store/builds.ts';
import * as store from '../store/local-caches.ts';
import { findProject } from '../store/projects.ts';
import { sweeps } from '../sweeps.ts';
import { LOCAL_CACHES } from './names.ts';

/**
 * Clears away what no build will ask for: caches of projects that are gone or were told to forget them, those that have not
 * been used for long, and more than a server keeps, or a project of its pull requests; and what a server left behind that
 * died before it had named it.
 */
export const localCachesReconciler = defineReconciler<Platform>({
  name: LOCAL_CACHES,
  async reconcile(platform) {
    const now = platform.clock.now().getTime();
    const kept = new KeptCaches();
    for (const cache of await store.allLocalCaches(platform.db)) {
      const old = now - cache.usedAt > LOCAL_CACHES_UNUSED_MS;
      const stays = !old && kept.fits(cache) && (await isAsked(platform, cache));
      if (stays || (await isHeld(platform, cache))) kept.add(cache);
      else await remove(platform, cache);
    }
    await removeUnnamed(platform, now);
    return undefined;
  },
  sweep: sweeps[LOCAL_CACHES],
});

/** Its project is there, and its cache is still this one. */
async function isAsked(platform: Platform, cache: store.LocalCache): Promise<boolean> {
  const found = await findProject(platform.db, cache, cache.projectName);
  return found !== undefined && cacheScope(cachedAs(found)) === cache.scope;
}

async function isHeld({ db }: Platform, cache: store.LocalCache): Promise<boolean> {
  const holder = cache.holder ? await findBuild(db, cache, cache.holder) : undefined;
  return holder !== undefined && holder.slot !== 'done';
}

/** The row last: a server that dies in between does it again. */
async function remove(platform: Platform, cache: store.LocalCache): Promise<void> {
  if (cache.kind === 'layers') await platform.executors.removeVolume(cache.id);
  else await blobsOf(platform).delete(cache.id);
  await platform.transaction((tx) => store.deleteLocalCache(tx, cache));
}

async function removeUnnamed(platform: Platform, now: number): Promise<void> {
  const named = new Set((await store.allLocalCaches(platform.db)).map(({ id }) => id));
  for await (const { id, storedAt } of blobsOf(platform).list()) {
    if (!named.has(id) && now - storedAt.getTime() > ORPHANS_AFTER_MS)
      await blobsOf(platform).delete(id);
  }
}
