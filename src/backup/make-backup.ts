import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { blobFile, blobPaths } from '../blobs/copies.ts';
import { openDump } from '../db/dump.ts';
import type { ServiceMigrations } from '../db/migrate.ts';
import type { DatabaseOptions } from '../db/open.ts';
import { packRepository, plainIds, repositoryIds } from '../git/copies.ts';
import { inChunks } from '../lib/in-chunks.ts';
import { keyFiles } from '../lib/key-files.ts';
import { masterKey } from '../lib/master-key.ts';
import { StartError } from '../lib/start-error.ts';
import { FILES, FORMAT, kindOf, MANIFEST, type Manifest, writeManifest } from './manifest.ts';
import { forEach, type Measured, measuring, type Place } from './place.ts';

export interface BackupOptions {
  dataDir: string;
  database: DatabaseOptions;
  schema: ServiceMigrations[];
  place: Place;
  /** Whether the keys go in as well. */
  keys: boolean;
}

export interface BackupMade {
  tables: number;
  blobs: number;
  repositories: number;
  bytes: number;
}

const BLOBS_AT_ONCE = 8;
const REPOSITORIES_AT_ONCE = 2;

/** By how much the clocks of what shares the storage may differ. */
const CLOCKS_MS = 60_000;

/**
 * Copies a server, which may run meanwhile. In this order, so that whatever the copy refers to is in it:
 * 1. blobs that are there: a blob is written before the row that names it, and never changes;
 * 2. the database, of one moment;
 * 3. blobs that came between the two (those of deleted objects stay for a quarter of an hour);
 * 4. repositories, which may be newer than the database then, as they are after a crash: what nobody has announced is announced;
 * 5. the list of it all. Without that it is no backup.
 * @throws StartError
 */
export async function makeBackup(options: BackupOptions): Promise<BackupMade> {
  const { dataDir, place } = options;
  const keyFile = join(dataDir, 'master.key');
  if (!existsSync(keyFile))
    throw new StartError(`${dataDir} is no data directory: it has no master.key.`);
  const key = masterKey(keyFile, dataDir);
  const began = Date.now();
  const dumping = openDump(options.database, options.schema);
  // A database that cannot be had leaves nothing in the place.
  await (await dumping).close();
  await place.claim();
  const made = { tables: 0, blobs: 0, repositories: 0, bytes: 0 };
  const list = new FileList(place);
  const repositories = join(dataDir, 'repositories');
  const plain = await plainIds(repositories);
  try {
    const copyBlobs = (from: number, until: number) =>
      forEach(blobPaths(join(dataDir, 'blobs'), { from, until }), BLOBS_AT_ONCE, async (path) => {
        const blob = await blobFile(join(dataDir, 'blobs'), path);
        if (blob && (await list.write(`blobs/${path}`, blob))) made.blobs += 1;
      });
    await copyBlobs(0, began);
    const { steps, tables, at } = await copyDatabase(options, list);
    made.tables = tables;
    await copyBlobs(began - CLOCKS_MS, at + CLOCKS_MS);
    await forEach(repositoryIds(repositories), REPOSITORIES_AT_ONCE, async (id) => {
      const tar = await packRepository(repositories, id);
      if (tar && (await list.write(`repositories/${id}.tar`, tar))) made.repositories += 1;
    });
    const still = await plainIds(repositories);
    // Their keys came after the moment of the database: nothing would open what the copy has of them.
    if ([...plain].some((id) => !still.has(id)))
      throw new StartError(
        'Repositories of an earlier version were being encrypted meanwhile: once more, please.',
      );
    if (options.keys)
      for (const name of keyFiles(dataDir))
        await list.write(`keys/${name}`, createReadStream(join(dataDir, name)));
    const files = await list.end();
    made.bytes = files.bytes;
    const manifest: Manifest = {
      ...{ format: FORMAT, made: new Date(began).toISOString(), steps, keys: options.keys, files },
    };
    await place.write(MANIFEST, Readable.from([Buffer.from(writeManifest(manifest, key))]));
    return made;
  } finally {
    list.close();
  }
}

/** @returns the moment after which nothing is in it */
async function copyDatabase({ database, schema }: BackupOptions, list: FileList) {
  const dump = await openDump(database, schema);
  const at = Date.now();
  try {
    for (const table of dump.tables)
      await list.write(
        `database/${table.name}.jsonl`,
        Readable.from(inChunks(lines(dump.lines(table)))),
      );
    return { steps: dump.steps, tables: dump.tables.length, at };
  } finally {
    await dump.close();
  }
}

async function* lines(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(`${text}\n`);
}

/** The list of what has been written, kept in a file of its own until the end: it may be longer than memory. */
class FileList {
  readonly #place: Place;
  readonly #directory = mkdtempSync(join(tmpdir(), 'slipway-backup-'));
  readonly #out = createWriteStream(join(this.#directory, FILES), { mode: 0o600 });
  #count = 0;
  #bytes = 0;
  readonly #twice = new Set<string>();

  constructor(place: Place) {
    this.#place = place;
    this.#out.on('error', () => {});
  }

  /** @returns false where there is such a file already */
  async write(path: string, body: Readable): Promise<boolean> {
    kindOf(path);
    if (this.#twice.has(path)) {
      body.destroy();
      return false;
    }
    this.#twice.add(path);
    const { size, sha256 } = await this.#written(path, body);
    this.#count += 1;
    this.#bytes += size;
    if (!this.#out.write(`${JSON.stringify({ path, size, sha256 })}\n`))
      await once(this.#out, 'drain');
    return true;
  }

  async end(): Promise<Manifest['files']> {
    this.#out.end();
    await once(this.#out, 'close');
    if (this.#out.errored) throw this.#out.errored;
    const { sha256 } = await this.#written(FILES, createReadStream(join(this.#directory, FILES)));
    return { count: this.#count, bytes: this.#bytes, sha256 };
  }

  async #written(path: string, body: Readable): Promise<Measured> {
    const { stream, measured } = measuring(body);
    await this.#place.write(path, Readable.from(stream, { objectMode: false }));
    return measured();
  }

  close(): void {
    this.#out.destroy();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
