import type { Logger } from 'pino';
import type { Blobs } from './blobs/blobs.ts';
import type { OpenDatabase } from './db/database.ts';
import type { Engine } from './engine/engine.ts';
import type { GitHost, GitRepository } from './git/git-host.ts';
import type { Platform } from './kit/service.ts';
import { type DiskReserve, NoRoom } from './lib/disk-reserve.ts';
import { isStorageFull } from './lib/storage-full.ts';

const LOOK_MS = 1_000;
/** Looks between two times that reconcilers are asked what they could delete. */
const SWEEP_EVERY = 5;

/**
 * Calls that free room or end what takes it, or that take a right away; those without which resources cannot be deleted (a
 * role has policies, a log group its protection); and those that must go on for anybody to call at all. What they write is
 * little; where one adds all the same (a delete marker of S3's), it asks for room itself (`disk.requireRoom`).
 */
const FREEING =
  /^(?:Batch)?(?:Delete(?!File$)|Stop|Abort|Cancel|Detach|Remove|Deregister|Untag|Disable|Revoke|Retire|Unsubscribe$|Purge|ScheduleKeyDeletion$|UpdateAccessKey$|PutBucketVersioning$|PutRetentionPolicy$|PutLogGroupDeletionProtection$|Assume|Get)/;

/** Whether a call may write on a full disk. */
export function freesRoom(operation: string): boolean {
  return FREEING.test(operation);
}

/** The database for what waits on a full disk: it takes nothing of the reserve. PostgreSQL's disk is another, and full or not by itself. */
export function sparing(database: OpenDatabase, reserve: DiskReserve): OpenDatabase {
  if (database.dialect !== 'sqlite') return database;
  return {
    ...database,
    async transaction(...given) {
      reserve.requireRoom();
      try {
        return await database.transaction(...given);
      } catch (error) {
        if (isStorageFull(error)) reserve.noteFull();
        throw error;
      }
    },
  };
}

/**
 * The server as calls get it that may not write on a full disk.
 * @param spared transactions without the reserve
 */
export function withoutReserve(
  platform: Platform,
  spared: Pick<OpenDatabase, 'transaction'>,
  reserve: DiskReserve,
): Platform {
  const check = () => reserve.requireRoom();
  return Object.assign(Object.create(platform), {
    transaction: (work: Parameters<Platform['transaction']>[0]) => spared.transaction(work),
    blobs: checkedBlobs(platform.blobs, check),
    git: checkedGit(platform.git, check),
  });
}

function checkedBlobs(blobs: Blobs, check: () => void): Blobs {
  return {
    async write(...given) {
      check();
      return blobs.write(...given);
    },
    read: (...given) => blobs.read(...given),
    delete: (id) => blobs.delete(id),
    list: () => blobs.list(),
    area: (name) => checkedBlobs(blobs.area(name), check),
  };
}

function checkedGit(git: GitHost, check: () => void): GitHost {
  return {
    async create(id) {
      check();
      await git.create(id);
    },
    delete: (id) => git.delete(id),
    unlock: (id, key) => git.unlock(id, key),
    sealFor: (...given) => git.sealFor(...given),
    openFor: (...given) => git.openFor(...given),
    unsealed: () => git.unsealed(),
    exists: (id) => git.exists(id),
    repository: (id) => checkedRepository(git.repository(id), check),
    remoteReferences: (...given) => git.remoteReferences(...given),
    async fetched(...given) {
      check();
      return git.fetched(...given);
    },
    onDisk: (directory) => git.onDisk(directory),
    close: () => git.close(),
  };
}

function checkedRepository(repository: GitRepository, check: () => void): GitRepository {
  const checked: Partial<GitRepository> = {
    async writeCommit(...given) {
      check();
      return repository.writeCommit(...given);
    },
    async keepWritten(id) {
      check();
      return repository.keepWritten(id);
    },
    async updateReference(...given) {
      check();
      return repository.updateReference(...given);
    },
    async setHead(...given) {
      check();
      return repository.setHead(...given);
    },
    exchange(request) {
      if (request.service === 'git-receive-pack') check();
      return repository.exchange(request);
    },
  };
  return new Proxy(repository, {
    get(target, name) {
      const found = Reflect.get(checked, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

interface Watched {
  reserve: DiskReserve;
  database: Pick<OpenDatabase, 'shrink'>;
  engine: Pick<Engine, 'sweep'>;
  log: Logger;
}

/** Looks at the disk every second, and while it is full gives back to it what the server can do without. @returns ends it */
export function watchDisk({ reserve, database, engine, log }: Watched): () => Promise<void> {
  let looks = 0;
  let looking: Promise<void> | undefined;
  const look = async () => {
    if (!reserve.look()) {
      looks = 0;
      return;
    }
    if (looks === 0) log.error({ err: new NoRoom() }, 'the disk is full');
    if (looks % SWEEP_EVERY === 0) await engine.sweep();
    looks += 1;
    await database.shrink?.();
    reserve.look();
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error) => log.error({ err: error }, 'could not make room'))
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
