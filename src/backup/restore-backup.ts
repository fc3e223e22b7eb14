import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Restored, restoredSchema } from '../db/dump.ts';
import type { ServiceMigrations } from '../db/migrate.ts';
import type { DatabaseOptions } from '../db/open.ts';
import { unpackRepository } from '../git/copies.ts';
import { textAtMost } from '../lib/at-most.ts';
import { privateDirectory } from '../lib/files.ts';
import { keyFiles } from '../lib/key-files.ts';
import { masterKey } from '../lib/master-key.ts';
import { StartError } from '../lib/start-error.ts';
import {
  type BackupFile,
  damaged,
  FILES,
  MANIFEST,
  readFileLine,
  readManifest,
} from './manifest.ts';
import { Missing, measuring, type Place } from './place.ts';
import { UNFINISHED } from './unfinished.ts';

export interface RestoreOptions {
  place: Place;
  dataDir: string;
  /** Of PostgreSQL; undefined: SQLite in the data directory. */
  databaseUrl: string | undefined;
  schema: ServiceMigrations[];
  /** A directory with the keys of a backup that has none. */
  keysFrom: string | undefined;
}

export interface RestoreDone {
  made: string;
  tables: number;
  blobs: number;
  repositories: number;
}

/** Of the manifest, whose steps are some hundreds. */
const LONGEST_MANIFEST = 1024 * 1024;

/**
 * Makes a data directory, and a database, of a backup. All of it is checked against the list, and against the key, before a
 * server could find any of it in its place.
 * @throws StartError where the backup is not whole, or the directory or the database is not empty
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreDone> {
  const { place, dataDir } = options;
  const { manifest, check } = readManifest(await manifestText(place));
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-restore-'));
  const staging = join(dataDir, UNFINISHED);
  let restored: Restored | undefined;
  let done = false;
  try {
    const listFile = join(scratch, FILES);
    if ((await save(place, FILES, listFile)).sha256 !== manifest.files.sha256)
      throw damaged(`${FILES} is another than ${MANIFEST} says`);
    const key = await keyOf(options, manifest.keys, listFile, scratch);
    check(masterKey(key, place.name));
    const isNew = !existsSync(dataDir);
    privateDirectory(dataDir);
    if ((await readdir(dataDir)).length > 0)
      throw new StartError(`${dataDir} is not empty: restore into a new directory.`);
    try {
      privateDirectory(staging);
      const database: DatabaseOptions = options.databaseUrl
        ? { dialect: 'postgres', url: options.databaseUrl }
        : { dialect: 'sqlite', file: join(staging, 'slipway.db') };
      restored = await restoredSchema(database, manifest.steps, options.schema);
      const result = await copyAll(options, listFile, staging, restored);
      if (!manifest.keys) await copyKeys(options.keysFrom ?? '', staging);
      if (result.count !== manifest.files.count || result.tables !== restored.tables.length)
        throw damaged(`${FILES} does not have all`);
      await announceLater(restored, result.repositoryIds);
      await restored.commit();
      await restored.close();
      await moveUp(staging, dataDir);
      done = true;
      const { tables, blobs, repositoryIds } = result;
      return { made: manifest.made, tables, blobs, repositories: repositoryIds.length };
    } finally {
      await restored?.close();
      if (!done) await rm(isNew ? dataDir : staging, { recursive: true, force: true });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function manifestText(place: Place): Promise<string> {
  try {
    return await textAtMost(await place.read(MANIFEST), LONGEST_MANIFEST, MANIFEST);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    throw new StartError(
      `${place.name} is no backup, or one that was not finished: it has no ${MANIFEST}.`,
    );
  }
}

/** Brings a file of the place to the disk. @returns what it was */
async function save(place: Place, path: string, file: string) {
  const { stream, measured } = measuring(await opened(place, path));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await pipeline(stream, createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }));
  return measured();
}

async function opened(place: Place, path: string): Promise<Readable> {
  try {
    return await place.read(path);
  } catch (error) {
    if (error instanceof Missing) throw damaged(error.message);
    throw error;
  }
}

const isThat = (file: BackupFile, found: { size: number; sha256: string }) => {
  if (found.size !== file.size || found.sha256 !== file.sha256)
    throw damaged(`${file.path} is not what it was`);
};

async function* listed(listFile: string) {
  for await (const line of linesOf(createReadStream(listFile))) yield readFileLine(line);
}

/** The file with the master key: the backup's, or that of the directory which was named for it. */
async function keyOf(
  { place, keysFrom }: RestoreOptions,
  inBackup: boolean,
  listFile: string,
  scratch: string,
): Promise<string> {
  if (!inBackup) {
    if (keysFrom !== undefined) return join(keysFrom, 'master.key');
    throw new StartError(
      `${place.name} was made without keys: --keys DIR says where master.key is, and the accounts' keys beside it.`,
    );
  }
  if (keysFrom !== undefined)
    throw new StartError(
      `${place.name} has its keys: --keys is for a backup that was made without.`,
    );
  const file = join(scratch, 'master.key');
  for await (const entry of listed(listFile)) {
    if (entry.path !== 'keys/master.key') continue;
    isThat(entry, await save(place, entry.path, file));
    return file;
  }
  throw damaged('it has no master.key');
}

async function copyAll(
  options: RestoreOptions,
  listFile: string,
  staging: string,
  restored: Restored,
) {
  const { place } = options;
  const tables = new Map(restored.tables.map((table) => [table.name, table]));
  const files = new Map<string, BackupFile>();
  const repositoryIds: string[] = [];
  let count = 0;
  let blobs = 0;
  for await (const file of listed(listFile)) {
    count += 1;
    if (file.kind === 'table') files.set(file.path, file);
    else if (file.kind === 'repository') {
      const id = file.path.slice('repositories/'.length, -'.tar'.length);
      const { stream, measured } = measuring(await opened(place, file.path));
      await unpackRepository(join(staging, 'repositories'), id, stream).catch((error: Error) => {
        throw damaged(`${file.path}: ${error.message}`);
      });
      isThat(file, measured());
      repositoryIds.push(id);
    } else {
      const to = file.kind === 'key' ? file.path.slice('keys/'.length) : file.path;
      isThat(file, await save(place, file.path, join(staging, to)));
      if (file.kind === 'blob') blobs += 1;
    }
  }
  // In the order in which tables refer to each other.
  let loaded = 0;
  for (const table of tables.values()) {
    const file = files.get(`database/${table.name}.jsonl`);
    if (!file) throw damaged(`it has no rows of ${table.name}`);
    const { stream, measured } = measuring(await opened(place, file.path));
    await restored.load(table, linesOf(stream));
    isThat(file, measured());
    loaded += 1;
  }
  if (files.size !== loaded) throw damaged('it has tables that its version has not');
  return { count, blobs, repositoryIds, tables: loaded };
}

/** Not readline, which takes U+2028 for the end of a line as well. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  for await (const piece of input) {
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      pieces.push(piece.subarray(from, end));
      yield Buffer.concat(pieces).toString('utf8');
      pieces = [];
      from = end + 1;
    }
    if (from < piece.length) pieces.push(piece.subarray(from));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces).toString('utf8');
}

/** The keys of a data directory, or of a copy of its keys. */
async function copyKeys(from: string, staging: string): Promise<void> {
  for (const name of keyFiles(from)) {
    await mkdir(dirname(join(staging, name)), { recursive: true, mode: 0o700 });
    await pipeline(
      createReadStream(join(from, name)),
      createWriteStream(join(staging, name), { mode: 0o600, flush: true }),
    );
  }
}

/** What was pushed after the moment of the database, and is in a repository, is announced as after a crash. */
async function announceLater(restored: Restored, repositoryIds: string[]): Promise<void> {
  for (const id of repositoryIds)
    await restored.run(
      'insert into engine_wake (name, key, id, due_at, woken_at, failures) values (?, ?, ?, ?, ?, ?)',
      ['codecommit/references', id, 'restored', 0, Date.now(), 0],
    );
}

/** master.key last: until it is there no server starts on the rest. */
async function moveUp(staging: string, dataDir: string): Promise<void> {
  const names = await readdir(staging);
  const last = 'master.key';
  for (const name of [...names.filter((one) => one !== last), last])
    await rename(join(staging, name), join(dataDir, name));
  await rm(staging, { recursive: true });
}
