import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { BlobEntry, Blobs, ByteRange, StoredBlob } from './blobs.ts';
import {
  blobKey,
  CHUNK_BYTES,
  HEADER_BYTES,
  layout,
  MAGIC,
  openChunk,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
  sealChunk,
} from './cipher.ts';

/** Chunks read or written in one go: a megabyte keeps the system calls few and the memory small. */
const BATCH = 16;
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

async function write(
  root: string,
  body: Readable | Uint8Array,
  key: Uint8Array,
): Promise<StoredBlob> {
  const id = randomBytes(16).toString('hex');
  const temporary = join(root, 'tmp', id);
  await mkdir(dirname(temporary), { recursive: true, mode: 0o700 });
  const file = await open(temporary, 'wx', 0o600);
  try {
    const stored = await encryptInto(file, id, body, key);
    await file.sync();
    await file.close();
    await publish(root, temporary, pathOf(root, id));
    return stored;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    if (body instanceof Readable) body.destroy();
    throw error;
  }
}

async function encryptInto(
  file: FileHandle,
  id: string,
  body: Readable | Uint8Array,
  key: Uint8Array,
) {
  const salt = randomBytes(SALT_BYTES);
  const own = blobKey(key, salt, id);
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  let index = 0;
  let batch: Buffer[] = [MAGIC, salt];
  const flush = async () => {
    await file.appendFile(Buffer.concat(batch));
    batch = [];
  };
  for await (const { chunk, last } of chunksOf(body instanceof Readable ? body : [body])) {
    md5.update(chunk);
    sha256.update(chunk);
    size += chunk.length;
    batch.push(sealChunk(own, index++, last, chunk));
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return { id, size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** Cuts a stream into chunks of 64 KiB, the last one shorter, and knows which is the last: at least one comes. */
async function* chunksOf(source: AsyncIterable<unknown> | Iterable<unknown>) {
  const pending: Buffer[] = [];
  let held = 0;
  for await (const piece of source) {
    let rest: Buffer = Buffer.from(piece as Uint8Array);
    while (held + rest.length > CHUNK_BYTES) {
      const head = rest.subarray(0, CHUNK_BYTES - held);
      rest = rest.subarray(head.length);
      const chunk = held === 0 ? head : Buffer.concat([...pending, head]);
      pending.length = 0;
      held = 0;
      yield { chunk, last: false };
    }
    if (rest.length > 0) pending.push(rest);
    held += rest.length;
  }
  yield { chunk: Buffer.concat(pending), last: true };
}

/** Makes a written file visible under its name, so that it is still there after a power cut. */
async function publish(root: string, temporary: string, path: string): Promise<void> {
  if (await mkdir(dirname(path), { recursive: true, mode: 0o700 })) await syncDirectory(root);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function* plaintext(path: string, id: string, key: Uint8Array, range?: ByteRange) {
  const file = await open(path, 'r');
  try {
    const { chunks, size } = layout((await file.stat()).size);
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (start < 0 || end >= size)
      throw new RangeError(`Bytes ${start} to ${end} of a blob of ${size} bytes.`);
    const header = await readExactly(file, 0, HEADER_BYTES);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('The file is no blob.');
    const own = blobKey(key, header.subarray(MAGIC.length), id);
    const lastWanted = Math.floor(Math.max(0, end) / CHUNK_BYTES);
    for (let first = Math.floor(start / CHUNK_BYTES); first <= lastWanted; first += BATCH) {
      const count = Math.min(BATCH, lastWanted - first + 1);
      const at = HEADER_BYTES + first * SEALED_CHUNK_BYTES;
      const sealed = await readUpTo(file, at, count * SEALED_CHUNK_BYTES);
      for (let i = 0; i < count; i++) {
        const index = first + i;
        const piece = sealed.subarray(i * SEALED_CHUNK_BYTES, (i + 1) * SEALED_CHUNK_BYTES);
        const open = openChunk(own, index, index === chunks - 1, piece);
        const from = Math.max(0, start - index * CHUNK_BYTES);
        const wanted = open.subarray(from, end + 1 - index * CHUNK_BYTES);
        if (wanted.length > 0) yield wanted;
      }
    }
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = await readUpTo(file, position, length);
  if (buffer.length < length) throw new Error('The blob is cut off.');
  return buffer;
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
