import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { syncDirectory } from '../lib/files.ts';
import { readSome } from '../lib/read-some.ts';
import { blobKey, CHUNK_BYTES, SALT_BYTES, sealWhole } from '../lib/sealed-chunks.ts';
import { plaintext } from '../lib/sealed-file.ts';
import type { BlobEntry, Blobs, StoredBlob } from './blobs.ts';
import { sealInThread } from './sealing-threads.ts';

/** A write that has not moved for a day belonged to a process that is gone. */
const TEMPORARY_LIVES_MS = 24 * 60 * 60 * 1000;

/**
 * Blobs as files: `DIRECTORY/AREA/ab/abcdef…`, written to `DIRECTORY/AREA/tmp`, synced and renamed. Several
 * servers may share the directory.
 */
export function makeFileBlobs(directory: string, area = 'main'): Blobs {
  const root = join(directory, area);
  return {
    write: (body, key) => write(root, body, key),
    read: (id, key, range) =>
      Readable.from(plaintext(pathOf(root, id), id, key, range), {
        objectMode: false,
        highWaterMark: CHUNK_BYTES * 4,
      }),
    delete: async (id) => rm(pathOf(root, id), { force: true }),
    list: () => list(root),
    area(name) {
      if (!/^[a-z0-9-]+$/.test(name)) throw new TypeError(`Not a name of a blob area: ${name}`);
      return makeFileBlobs(directory, name);
    },
  };
}

function pathOf(root: string, id: string): string {
  // Ids are ours, but they come back out of a database: none may ever name another file.
  if (!/^[0-9a-f]{32}$/.test(id)) throw new TypeError('Not the id of a blob.');
  return join(root, id.slice(0, 2), id);
}

/** Larger bodies are hashed, encrypted and written in another thread. */
const SMALL_BYTES = 4 * CHUNK_BYTES;

async function write(
  root: string,
  body: AsyncIterable<Uint8Array> | Uint8Array,
  key: Uint8Array,
): Promise<StoredBlob> {
  const id = randomBytes(16).toString('hex');
  const temporary = join(root, 'tmp', id);
  try {
    const source = body instanceof Uint8Array ? whole(body) : body;
    const stored = await encryptInto(temporary, id, source, key);
    await publish(root, temporary, pathOf(root, id));
    return { id, ...stored };
  } catch (error) {
    await rm(temporary, { force: true });
    if (body instanceof Readable) body.destroy();
    throw error;
  }
}

async function* whole(body: Uint8Array) {
  yield body;
}

async function encryptInto(
  path: string,
  id: string,
  body: AsyncIterable<Uint8Array>,
  key: Uint8Array,
): Promise<{ size: number; md5: string }> {
  const read = await readSome(body, SMALL_BYTES);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    if ('all' in read) {
      await file.appendFile(sealWhole(id, key, read.all));
      await file.sync();
      return {
        size: read.all.length,
        md5: createHash('md5').update(read.all).digest('hex'),
      };
    }
  } finally {
    await file.close();
  }
  const salt = randomBytes(SALT_BYTES);
  return sealInThread({ path, key: blobKey(key, salt, id), salt }, read.stream);
}

/** Makes a written file visible under its name, so that it is still there after a power cut. */
async function publish(root: string, temporary: string, path: string): Promise<void> {
  if (await mkdir(dirname(path), { recursive: true, mode: 0o700 })) await syncDirectory(root);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

async function* list(root: string): AsyncIterable<BlobEntry> {
  for (const shard of await names(root)) {
    if (shard === 'tmp') await removeAbandoned(join(root, 'tmp'));
    else
      for (const id of await names(join(root, shard))) {
        const storedAt = await modified(join(root, shard, id));
        if (storedAt) yield { id, storedAt };
      }
  }
}

/** Removes what writers that died left in the temporary directory. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await names(directory)) {
    const path = join(directory, name);
    const at = await modified(path);
    if (at && Date.now() - at.getTime() > TEMPORARY_LIVES_MS) await rm(path, { force: true });
  }
}

async function names(directory: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of await opendir(directory)) found.push(entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found;
}

async function modified(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
