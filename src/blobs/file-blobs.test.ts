import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { HEADER_BYTES, SEALED_CHUNK_BYTES } from '../lib/sealed-chunks.ts';
import type { Blobs } from './blobs.ts';
import { blobsContract } from './contract.ts';
import { makeFileBlobs } from './file-blobs.ts';

const directories: string[] = [];
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-blobs-'));
  directories.push(path);
  return path;
}
afterAll(async () => {
  for (const path of directories) await rm(path, { recursive: true });
});

const KEY = randomBytes(32);
const CHUNK = 64 * 1024;

blobsContract('files', async () => makeFileBlobs(await directory()));

describe('files: what somebody with the disk can do', () => {
  async function stored(
    data: Buffer,
  ): Promise<{ blobs: Blobs; id: string; file: string; dir: string }> {
    const dir = await directory();
    const blobs = makeFileBlobs(dir);
    const { id } = await blobs.write(data, KEY);
    return { blobs, id, file: join(dir, 'main', id.slice(0, 2), id), dir };
  }

  it('finds no plaintext', async () => {
    const { file } = await stored(Buffer.from('a secret that must not be found'));
    expect((await readFile(file)).includes('secret')).toBe(false);
  });

  it('is caught changing, cutting, swapping and replacing', async () => {
    const { blobs, id, file } = await stored(randomBytes(3 * CHUNK));
    const good = await readFile(file);
    const chunk = (i: number) =>
      good.subarray(
        HEADER_BYTES + i * SEALED_CHUNK_BYTES,
        HEADER_BYTES + (i + 1) * SEALED_CHUNK_BYTES,
      );
    const header = good.subarray(0, HEADER_BYTES);
    const flipped = Buffer.from(good);
    flipped[HEADER_BYTES + 5] = (flipped[HEADER_BYTES + 5] ?? 0) ^ 1;
    const bad = {
      flipped,
      'cut at a chunk': Buffer.concat([header, chunk(0), chunk(1)]),
      'cut in a chunk': good.subarray(0, good.length - 1000),
      'header only': header,
      empty: Buffer.alloc(0),
      swapped: Buffer.concat([header, chunk(1), chunk(0), chunk(2)]),
      doubled: Buffer.concat([header, chunk(0), chunk(1), chunk(2), chunk(2)]),
    };
    for (const [how, bytes] of Object.entries(bad)) {
      await writeFile(file, bytes);
      await expect(buffer(blobs.read(id, KEY)), how).rejects.toThrow();
    }
    await writeFile(file, good);
    expect((await buffer(blobs.read(id, KEY))).length).toBe(3 * CHUNK);
  });

  it('is caught putting one blob in the place of another', async () => {
    const { blobs, id, file, dir } = await stored(randomBytes(100));
    const other = await blobs.write(randomBytes(100), KEY);
    await rename(join(dir, 'main', other.id.slice(0, 2), other.id), file);
    await expect(buffer(blobs.read(id, KEY))).rejects.toThrow();
  });
});

describe('files: temporary files', () => {
  it.each([1, 40])('leaves none after a write that failed behind %i chunks', async (chunks) => {
    const dir = await directory();
    const blobs = makeFileBlobs(dir);
    await blobs.write(Buffer.from('x'), KEY);
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < chunks; i += 1) yield randomBytes(CHUNK);
        throw new Error('x');
      })(),
    );
    await expect(blobs.write(body, KEY)).rejects.toThrow('x');
    expect(await readdir(join(dir, 'main', 'tmp'))).toEqual([]);
  });

  it('removes those of dead processes when it lists, and only those', async () => {
    const dir = await directory();
    const blobs = makeFileBlobs(dir);
    await blobs.write(Buffer.from('x'), KEY);
    const tmp = join(dir, 'main', 'tmp');
    await writeFile(join(tmp, 'old'), 'x');
    await writeFile(join(tmp, 'young'), 'x');
    const long = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(tmp, 'old'), long, long);
    const found = [];
    for await (const entry of blobs.list()) found.push(entry);
    expect(found).toHaveLength(1);
    expect(await readdir(tmp)).toEqual(['young']);
  });
});
