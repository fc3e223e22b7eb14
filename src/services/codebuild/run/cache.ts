import { Readable } from 'node:stream';
import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { pack as newPack } from 'tar-stream';
import { ComputeAway } from '../../../executors/executor.ts';
import { isForge } from '../../../kit/forges/repository.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import type { Buildspec } from '../model/buildspec.ts';
import { proposedBy } from '../model/cache.ts';
import { DEEPEST_SHALLOW } from '../sources/git.ts';
import { archiveOf, bringArchive } from './cache-archive.ts';
import { type CacheStore, cacheStore } from './cache-stores.ts';
import { commitChange, failureOf, type Session } from './session.ts';
import { freshDirectory } from './work-place.ts';

/** Keys are for caches in S3 (CB-A23). */
const isKeyed = ({ stored }: Session, { cacheKey, cachePaths }: Buildspec): boolean =>
  stored.build.cache?.type === 'S3' && cacheKey !== undefined && cachePaths.length > 0;

/** The keys that the driver works out, and whether it waits for what there is of them; undefined where there are none. */
export function driverKeys(session: Session, spec: Buildspec) {
  if (!isKeyed(session, spec)) return undefined;
  const { cacheKey = '', cacheFallbackKeys = [], cacheAction } = spec;
  return { keys: [cacheKey, ...cacheFallbackKeys], waits: cacheAction !== 'save' };
}

/**
 * What the project kept of its last build, for the driver to unpack. A cache never fails a build (CB-F2).
 * @param into the driver's directory
 * @returns lines for the log
 */
export async function restoreCache(
  session: Session,
  spec: Buildspec,
  into: string,
): Promise<string[]> {
  if (isKeyed(session, spec)) return unusedLines(session, spec);
  return [...unusedLines(session, spec), ...(await restore(session, spec, undefined, into))];
}

/** Of a depth that makes it shallow (CB-C6). */
const isShallow = ({ type, gitCloneDepth = 0 }: ProjectSource): boolean =>
  (type === 'CODECOMMIT' || isForge(type)) && gitCloneDepth > 0 && gitCloneDepth <= DEEPEST_SHALLOW;

/** What the cache does not do. */
function unusedLines({ stored }: Session, { cacheKey, cacheUnused = [] }: Buildspec): string[] {
  const { type, modes = [] } = stored.build.cache ?? {};
  if (type === 'S3')
    return cacheUnused.map(({ part, why }) => `Skipping the cache's ${part}: ${why}`);
  if (type !== 'LOCAL') return [];
  const { privilegedMode } = stored.inputs.environment;
  const isProposed = proposedBy(stored.inputs) !== undefined;
  return [
    ...(cacheKey === undefined
      ? []
      : ['Skipping the key of the cache: only caches in S3 have keys']),
    ...(modes.includes('LOCAL_SOURCE_CACHE') && isShallow(stored.inputs.source)
      ? ['Skipping LOCAL_SOURCE_CACHE: it is for clones that are whole, and not for shallow ones']
      : []),
    ...(modes.includes('LOCAL_DOCKER_LAYER_CACHE') && !privilegedMode
      ? ['Skipping LOCAL_DOCKER_LAYER_CACHE: it is for privileged builds']
      : []),
    ...(modes.includes('LOCAL_DOCKER_LAYER_CACHE') && privilegedMode && isProposed
      ? ['Skipping LOCAL_DOCKER_LAYER_CACHE: it is not for what pull requests propose']
      : []),
  ];
}

/**
 * The same of a cache with keys, which the driver has told and waits for. What it waits for comes last, so that it may be done
 * again.
 */
export async function restoreEntry(
  session: Session,
  keys: string[],
  enough: AbortSignal,
): Promise<void> {
  const { platform, stored, signal } = session;
  const { spec, root = '', handle = '' } = stored.run;
  if (!spec || spec.cacheAction === 'save') return;
  const into = `${root}/slipway`;
  const own = { ...session, signal: AbortSignal.any([signal, enough]) };
  try {
    const lines = await restore(own, spec, keys, into);
    const ready = lines.map((line) => `${line.replace(/\s+/g, ' ')}\n`).join('');
    await platform.executors.copyIn(handle, into, readyTar(ready));
    await commitChange(session, { run: { cacheRestored: true } });
  } catch (error) {
    // The build has been ended, and nobody waits.
    if (signal.aborted || !enough.aborted) throw error;
  }
}

async function restore(
  session: Session,
  spec: Buildspec,
  keys: string[] | undefined,
  into: string,
): Promise<string[]> {
  if (spec.cacheAction === 'save') return [];
  return attempted(session, 'The cache cannot be used', 'again', async () => {
    const store = await cacheStore(session, spec, keys);
    if (!store) return [];
    const found = await store.find();
    if (!found)
      return [keys ? `There is no cache with the key ${keys[0]}` : 'There is no cache yet'];
    const directory = await freshDirectory(session.platform, session.stored, 'cache');
    const paths = spec.cachePaths;
    const count = await bringArchive(session, found.archive, { paths, directory, into });
    const key = found.key === undefined ? '' : ` with the key ${found.key}`;
    return [`Restored ${count} file(s) from the cache${key}`];
  });
}

/** Keeps what the buildspec names. @returns lines for the log */
export async function saveCache(session: Session, spec: Buildspec | undefined): Promise<string[]> {
  const { run, build } = session.stored;
  const failed = build.phases?.some(({ phaseStatus }) => phaseStatus === 'FAILED');
  if (!spec || failed || spec.cacheAction === 'restore') return [];
  const keyed = isKeyed(session, spec);
  return attempted(session, 'The cache is not kept', 'without', async () => {
    const store = await cacheStore(session, spec, keyed ? (run.cacheKeys ?? ['']) : undefined);
    const refused = await store?.refuses?.();
    if (refused) return [`The cache is not kept: ${refused}`];
    return store ? keep(session, spec, store) : [];
  });
}

async function keep(session: Session, spec: Buildspec, store: CacheStore): Promise<string[]> {
  const log: string[] = [];
  const { archive, count } = archiveOf(session, spec.cachePaths, log);
  await store.keep(archive);
  return [...log, `Kept ${await count} file(s) in the cache`];
}

/** @param away what becomes of the step while what runs the build is away: it is done again, or goes on without its cache */
async function attempted(
  { platform, stored, signal }: Session,
  what: string,
  away: 'again' | 'without',
  work: () => Promise<string[]>,
): Promise<string[]> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ComputeAway && away === 'again') throw error;
    platform.log.warn({ build: stored.id, err: error }, 'a cache could not be used');
    const reason = isRefusal(error) ? `${error.name}: ${error.message}` : failureOf(error)?.message;
    return [`${what}: ${reason ?? 'the server could not read or write it'}`];
  }
}

/** What the driver waits for, with the lines that it prints. */
function readyTar(text: string): Readable {
  const pack = newPack();
  pack.entry({ name: 'cache-ready', mode: 0o644 }, text);
  pack.finalize();
  return Readable.from(pack);
}
