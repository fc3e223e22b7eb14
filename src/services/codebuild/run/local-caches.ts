import { randomBytes } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import type { Mount } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { MAX_LOCAL_CACHE_BYTES } from '../limits.ts';
import { cacheScope, proposedBy } from '../model/cache.ts';
import { ALL_CACHES, LOCAL_CACHES } from '../reconcilers/names.ts';
import { findBuild } from '../store/builds.ts';
import * as store from '../store/local-caches.ts';
import { cachedProject } from './cached-project.ts';
import type { Session } from './session.ts';

/** CodeBuild's own blobs. */
export const blobsOf = ({ blobs }: Pick<Platform, 'blobs'>) => blobs.area('codebuild');

/** What the Docker Engine in a container keeps. */
const LAYERS = '/var/lib/docker';

/** The archive of this kind that is kept under this scope. */
export async function localArchive(
  platform: Platform,
  scope: string,
  kind: store.ArchiveKind = 'custom',
): Promise<Readable | undefined> {
  const found = await store.findLocalCache(platform.db, scope, kind);
  if (!found) return undefined;
  await platform.transaction((tx) => store.noteUse(tx, found, platform.clock.now()));
  return blobsOf(platform).read(found.id, Buffer.from(found.key, 'base64'));
}

/** Keeps an archive in place of the one before, which goes when it is cleared up: of two builds the later one's counts. */
export async function keepLocal(
  { platform, stored }: Session,
  scope: string,
  archive: Readable,
  kind: store.ArchiveKind = 'custom',
): Promise<void> {
  const key = randomBytes(32);
  const blob = await blobsOf(platform)
    .write(bounded(archive), key)
    // A pipe does not tell its source that nobody reads on.
    .finally(() => archive.destroy());
  const usedAt = platform.clock.now().getTime();
  const { accountId, region } = stored;
  const replaced = await platform.transaction(async (tx) => {
    const before = await store.findLocalCache(tx, scope, kind);
    if (before) await store.deleteLocalCache(tx, before);
    await store.insertLocalCache(tx, {
      ...{ accountId, region, id: blob.id, size: blob.size, usedAt, scope, kind },
      ...{ projectName: stored.build.projectName ?? '', holder: undefined },
      key: key.toString('base64'),
    });
    await platform.engine.wake(tx, LOCAL_CACHES, ALL_CACHES);
    return before;
  });
  // What is left behind here is named by nothing, and cleared up later.
  if (replaced)
    await blobsOf(platform)
      .delete(replaced.id)
      .catch(() => {});
}

function bounded(archive: Readable): Readable {
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= MAX_LOCAL_CACHE_BYTES) return done(undefined, chunk);
      return done(Object.assign(new Error('a local cache is too large'), { code: 'EFBIG' }));
    },
  });
  archive.once('error', (error) => meter.destroy(error));
  return archive.pipe(meter);
}

/**
 * The volume with the layers of the project's Docker images, for a privileged build; undefined where it has none, or another
 * build has it: an engine does not share them.
 */
export async function layersMount(session: Session): Promise<Mount | undefined> {
  const { platform, stored } = session;
  const { build, inputs, accountId, region } = stored;
  const { type, modes = [] } = build.cache ?? {};
  const wanted =
    type === 'LOCAL' &&
    modes.includes('LOCAL_DOCKER_LAYER_CACHE') &&
    proposedBy(inputs) === undefined;
  const project = wanted && inputs.environment.privilegedMode && (await cachedProject(session));
  if (!project) return undefined;
  const scope = cacheScope(project);
  const volume = `layers-${scope}`;
  const now = platform.clock.now();
  const held = await platform.transaction(async (tx) => {
    const found = await store.findLocalCache(tx, scope, 'layers');
    const fresh = { accountId, region, id: volume, scope, kind: 'layers' as const, size: 0 };
    if (!found)
      return store.insertLocalCache(tx, {
        ...{ ...fresh, usedAt: now.getTime(), key: '' },
        ...{ projectName: build.projectName ?? '', holder: stored.id },
      });
    const holder = found.holder ? await findBuild(tx, found, found.holder) : undefined;
    const busy = holder && holder.slot !== 'done' && holder.id !== stored.id;
    return !busy && store.hold(tx, found, stored.id, now);
  });
  return held ? { volume, path: LAYERS } : undefined;
}
