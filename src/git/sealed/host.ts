import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../lib/files.ts';
import { openWhole, sealWhole } from '../../lib/sealed-chunks.ts';
import type { PushBounds } from '../bounds.ts';
import type { Fetch, GitHost, GitRepository, Remote } from '../git-host.ts';
import { ATTRIBUTES, makeGitHost, runtimeOf } from '../local-git-host.ts';
import { isRepositoryId } from '../names.ts';
import { ReaderPool } from '../reader-pool.ts';
import { isSealed, SealedLog } from './log.ts';
import type { WorkingPlace } from './place.ts';
import { SealedRepository } from './repository.ts';
import { baseEntry, NOTHING } from './state.ts';
import { sealPlain } from './upgrade.ts';
import { WorkingCopies } from './working-copies.ts';
import { WorkingCopy } from './working-copy.ts';

export interface SealedGitHostOptions {
  /** Where the repositories lie sealed, absolute; made if it is missing. */
  directory: string;
  /** Where they are worked on. */
  place: WorkingPlace;
  /** PATH in which git is found. */
  searchPath?: string;
  /** What a push may bring. Default: AWS's numbers. */
  push?: PushBounds;
  /** The folder of hooks. Default: git's beside this folder. */
  hooks?: string;
  /** The data key of a repository, 32 bytes, always the same one. */
  dataKey(id: string): Promise<Uint8Array>;
  /** Whether there is such a repository, and has not been deleted. Default: there is. */
  isKnown?(id: string): Promise<boolean>;
}

/** A working copy is as durable as memory. What comes is one pack, whatever its size, since packs are what is sealed. */
const CONFIGURATION = {
  'core.fsync': 'none',
  'transfer.unpackLimit': '1',
  'fastimport.unpackLimit': '1',
};

/** Repositories as `<id>.sealed` directories: docs/decisions/repositories-at-rest.md. */
export function makeSealedGitHost(options: SealedGitHostOptions): GitHost {
  const { directory, place, dataKey, isKnown = async () => true } = options;
  const search = {
    ...(options.searchPath !== undefined && { searchPath: options.searchPath }),
    ...(options.push && { push: options.push }),
    ...(options.hooks !== undefined && { hooks: options.hooks }),
  };
  const runtime = { ...runtimeOf(search), configuration: CONFIGURATION };
  const readers = new ReaderPool(runtime);
  // What comes from elsewhere, to be looked at, is as secret.
  const elsewhere = makeGitHost({ directory: join(place.directory, 'fetched'), ...search });
  const sealedPath = (id: string) => join(directory, `${checkedId(id)}.sealed`);
  const plainPath = (id: string) => join(directory, `${checkedId(id)}.git`);
  const keys = new Map<string, Uint8Array>();
  const keyOf = async (id: string) => keys.get(id) ?? (await dataKey(id));
  const copies = new WorkingCopies(place, readers, async (id, working) => {
    const log = new SealedLog(sealedPath(id), id, await keyOf(id));
    return WorkingCopy.make(runtime, { directory: working, log, attributes: ATTRIBUTES });
  });

  /** Those that are being made: whoever comes meanwhile waits for the same. */
  const making = new Map<string, Promise<void>>();
  function makeOnce(id: string): Promise<void> {
    const under = making.get(id);
    if (under) return under;
    const made = make(id).finally(() => making.delete(id));
    making.set(id, made);
    return made;
  }

  async function make(id: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    const draft = join(directory, `${id}.${randomUUID()}.new`);
    try {
      const log = new SealedLog(draft, id, await keyOf(id));
      await log.prepare();
      // With all syncs: it is the only one there is.
      const state =
        (await sealPlain({ ...runtime, configuration: {} }, plainPath(id), log)) ?? NOTHING;
      await log.append(1, baseEntry(state));
      await syncDirectory(draft);
      await rename(draft, sealedPath(id));
      await syncDirectory(directory);
      // Deleted meanwhile, by somebody who has not seen it: nobody else would remove it.
      if (!(await isKnown(id))) await remove(id);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(await isSealed(sealedPath(id)))) throw error; // somebody else was faster
    }
  }

  async function remove(id: string): Promise<void> {
    keys.delete(id);
    await copies.remove(id);
    const trash = join(directory, `${id}.${randomUUID()}.deleted`);
    await rename(sealedPath(id), trash).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    // With what an earlier attempt, the making of it, or an earlier version has left behind.
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(`${id}.`)))
      await rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 });
  }

  return {
    async create(id) {
      if (!(await isSealed(sealedPath(id)))) await makeOnce(id);
      // Also where a server was killed in between.
      const plain = plainPath(id);
      if (existsSync(plain)) await rm(plain, { recursive: true, force: true, maxRetries: 3 });
    },
    unlock(id, key) {
      keys.set(checkedId(id), key);
    },
    sealFor: async (id, place, bytes) => sealWhole(placeOf(id, place), await keyOf(id), bytes),
    openFor: async (id, place, sealed) => openWhole(placeOf(id, place), await keyOf(id), sealed),
    async unsealed() {
      const names = await readdir(directory).catch(() => []);
      await removeDrafts(directory, names);
      const ids = names.filter((name) => name.endsWith('.git')).map((name) => name.slice(0, -4));
      return ids.filter(isRepositoryId);
    },
    delete: remove,
    async exists(id) {
      return isSealed(sealedPath(id));
    },
    repository(id): GitRepository {
      return new SealedRepository({ runtime, readers, copies }, checkedId(id));
    },
    remoteReferences: (remote: Remote, signal?: AbortSignal) =>
      elsewhere.remoteReferences(remote, signal),
    fetched: <T>(remote: Remote, fetch: Fetch, work: (repository: GitRepository) => Promise<T>) =>
      elsewhere.fetched(remote, fetch, work),
    onDisk: (path) => elsewhere.onDisk(path),
    async close() {
      readers.closeAll();
      const running = [...runtime.running];
      for (const git of running) git.end();
      await Promise.all(running.map(({ closed }) => closed));
      await elsewhere.close();
      await copies.close();
      place.remove();
    },
  };
}

/** Apart from where its own log and packs are (SealedLog). */
const placeOf = (id: string, place: string) => `repository/${checkedId(id)}/also/${place}`;

/** No repository takes so long to be sealed. */
const DRAFT_LIVES_MS = 6 * 60 * 60_000;

/** Removes what a server that was killed has left of making repositories, its own or another one. */
async function removeDrafts(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter((one) => one.endsWith('.new'))) {
    const draft = join(directory, name);
    const made = await stat(draft).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > DRAFT_LIVES_MS)
      await rm(draft, { recursive: true, force: true, maxRetries: 3 });
  }
}

function checkedId(id: string): string {
  if (!isRepositoryId(id)) throw new Error('Not a repository id');
  return id;
}
