import { createHash } from 'node:crypto';
import { MAX_LOCAL_CACHE_BYTES, MOST_PACKS } from '../limits.ts';
import { cacheScope } from '../model/cache.ts';
import type { KeptObjects } from '../sources/kept-objects.ts';
import { cachedProject } from './cached-project.ts';
import { keepLocal, localArchive } from './local-caches.ts';
import type { Session } from './session.ts';

/**
 * LOCAL_SOURCE_CACHE (CB-F1): what clones of this repository leave for the next build of the same project. The remote is asked
 * each time, with what that build signs in with, before anything of it is seen.
 */
export async function sourceCache(session: Session, url: string): Promise<KeptObjects | undefined> {
  const { platform, stored } = session;
  const { type, modes = [] } = stored.build.cache ?? {};
  if (type !== 'LOCAL' || !modes.includes('LOCAL_SOURCE_CACHE')) return undefined;
  const project = await cachedProject(session);
  if (!project) return undefined;
  const scope = cacheScope(project);
  const kind = `source:${createHash('sha256').update(url).digest('hex').slice(0, 32)}` as const;
  return {
    most: MAX_LOCAL_CACHE_BYTES,
    mostPacks: MOST_PACKS,
    find: () => localArchive(platform, scope, kind),
    keep: (archive) => keepLocal(session, scope, archive, kind),
  };
}
