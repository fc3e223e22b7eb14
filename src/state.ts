import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { UNFINISHED } from './backup/unfinished.ts';
import { ensureCa } from './ca-process.ts';
import type { Config } from './config.ts';
import type { OpenDatabase } from './db/database.ts';
import { checkKey, recordKey } from './db/key-check.ts';
import { executedSteps, migrate, type ServiceMigrations } from './db/migrate.ts';
import { type DatabaseOptions, openDatabase } from './db/open.ts';
import { makeRoomOfWork } from './executors/process/make-room.ts';
import { accountFiles, type RootKey } from './lib/accounts.ts';
import { lockDataDir } from './lib/data-dir-lock.ts';
import { DiskReserve } from './lib/disk-reserve.ts';
import { makeDirectory, makePrivate, privateDirectory } from './lib/files.ts';
import { SERVER_KEYS } from './lib/key-files.ts';
import { masterKey } from './lib/master-key.ts';
import { ensureRootKey, givenRootKey } from './lib/root-key.ts';
import { StartError } from './lib/start-error.ts';
import { isStorageFull } from './lib/storage-full.ts';
import { makeVault, type Vault } from './lib/vault.ts';

/** What lasts: the data directory's keys, and the database with its schema. */
export interface State {
  vault: Vault;
  rootKey: RootKey;
  database: OpenDatabase;
  /** Default: none is taken. */
  reserve?: DiskReserve;
  /** Settles when `ca.pem` is there, which is after the rest. */
  caMade: Promise<void>;
  close(): Promise<void>;
}

/** Directories below the data directory, none of them anybody else's to read, whatever mode the data directory has. */
const PRIVATE = ['blobs', 'repositories', 'work', 'tmp'];

/** Opens the data directory. @throws StartError when what is there cannot be used */
export async function openState(
  config: Config,
  schema: ServiceMigrations[],
  log: Logger,
): Promise<State> {
  const { dataDir } = config;
  givenRootKey(config);
  if (existsSync(join(dataDir, UNFINISHED)))
    throw new StartError(
      `${dataDir} is one that "slipway restore" did not finish: remove what is in it, and restore again.`,
    );
  const isNew = !existsSync(dataDir);
  makeDirectory(dataDir, 0o700);
  const releaseLock = config.databaseUrl ? () => {} : lockDataDir(dataDir);
  for (const name of PRIVATE) privateDirectory(join(dataDir, name));
  const reserve = new DiskReserve(dataDir);
  await makeRoom(dataDir, reserve, log);
  // A copy from a backup has any mode.
  for (const name of SERVER_KEYS) makePrivate(join(dataDir, name));
  for (const file of accountFiles(dataDir)) makePrivate(file);
  const { database, vault } = await openSealed(config, log).catch((error) => {
    releaseLock();
    // A database that cannot be had leaves a directory in which nothing is.
    if (isNew && !existsSync(join(dataDir, 'master.key'))) rmSync(dataDir, { recursive: true });
    throw error;
  });
  const rootKey = await ensureRootKey(config);
  const caMade = ensureCa(dataDir);
  // Waited for later; it may fail before.
  caMade.catch(() => {});
  await migrate(database, schema);
  await recordKey(database, vault);
  return {
    vault,
    rootKey,
    database,
    reserve,
    caMade,
    async close() {
      await database.close();
      releaseLock();
      if (config.ephemeral) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a start writes is less. */
const ROOM_BYTES = 1024 * 1024;

/** Of a build that fills the disk now: what the server gives back would be the build's. */
const WRITES_NOW_MS = 10_000;

/**
 * A build may have filled the disk, and only a server can give it back. Where something else has, a start has the reserve,
 * so that who owns it can delete.
 */
async function makeRoom(dataDir: string, reserve: DiskReserve, log: Logger): Promise<void> {
  const probe = join(dataDir, 'tmp', 'room');
  const hasRoom = () => {
    try {
      writeFileSync(probe, Buffer.alloc(ROOM_BYTES));
      return true;
    } catch (error) {
      if (isStorageFull(error)) return false;
      throw error;
    } finally {
      rmSync(probe, { force: true });
    }
  };
  reserve.open();
  if (hasRoom()) return;
  const work = join(dataDir, 'work');
  const needed = { hasRoom, needed: ROOM_BYTES };
  const since = Date.now() - WRITES_NOW_MS;
  let done = await makeRoomOfWork(work, { ...needed, since });
  if (!done) {
    reserve.release();
    if (!hasRoom()) done = await makeRoomOfWork(work, needed);
  }
  if (done) log.warn(`The disk was full: ${done}`);
}

/** The database and the key that it is sealed with: neither is good without the other. */
async function openSealed(
  config: Config,
  log: Logger,
): Promise<{ database: OpenDatabase; vault: Vault }> {
  let vault: Vault | undefined;
  const known = () => {
    if (!vault) throw new Error('The database was used before its key was there.');
    return vault;
  };
  const options: DatabaseOptions = config.databaseUrl
    ? {
        dialect: 'postgres',
        url: config.databaseUrl,
        onError: (error) => log.warn(error, 'database connection lost'),
      }
    : { dialect: 'sqlite', file: join(config.dataDir, 'slipway.db') };
  const keyFile = join(config.dataDir, 'master.key');
  const database = await openDatabase(options, known).catch((error) => {
    throw unusable(error, options);
  });
  const name = options.dialect === 'sqlite' ? options.file : 'the database';
  const steps = await executedSteps(database);
  vault = makeVault(masterKey(keyFile, steps?.length ? name : undefined));
  await checkKey(database, vault, keyFile);
  return { database, vault };
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = new Set([11, 26]);

function unusable(error: unknown, options: DatabaseOptions): unknown {
  const { errcode = 0 } = error as { errcode?: number };
  if (options.dialect !== 'sqlite' || !DAMAGED.has(errcode)) return error;
  return new StartError(`${options.file} is damaged: ${(error as Error).message}.`);
}
