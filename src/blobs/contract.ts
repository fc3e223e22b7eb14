import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Blobs } from './blobs.ts';

const KEY = randomBytes(32);
const CHUNK = 64 * 1024;

async function ids(blobs: Blobs): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of blobs.list()) found.push(entry.id);
  return found.sort();
}

/** What every implementation of Blobs must do. @param make an empty store, in a place of its own */
export function blobsContract(name: string, make: () => Promise<Blobs>): void {
  describe(`${name}: the contract of Blobs`, () => {
    it.each([
      0,
      1,
      CHUNK - 1,
      CHUNK,
      CHUNK + 1,
      4 * CHUNK,
      4 * CHUNK + 1,
      16 * CHUNK,
      3 * 1024 * 1024 + 17,
    ])('gives back %i bytes with their MD5', async (size) => {
      const blobs = await make();
      const data = randomBytes(size);
      const stored = await blobs.write(data, KEY);
      expect(stored).toEqual({
        id: stored.id,
        size,
        md5: createHash('md5').update(data).digest('hex'),
      });
      expect((await buffer(blobs.read(stored.id, KEY))).equals(data)).toBe(true);
    });

    it('takes a stream in pieces of any size', async () => {
      const blobs = await make();
      const data = randomBytes(5 * CHUNK + 3);
      const pieces: Buffer[] = [];
      for (let at = 0, n = 1; at < data.length; at += n, n = (n * 7) % 100_003)
        pieces.push(data.subarray(at, at + n));
      const stored = await blobs.write(Readable.from(pieces), KEY);
      expect((await buffer(blobs.read(stored.id, KEY))).equals(data)).toBe(true);
    });

    it('reads any range', async () => {
      const blobs = await make();
      const data = randomBytes(20 * CHUNK + 5);
      const { id } = await blobs.write(data, KEY);
      const ranges = [
        [0, 0],
        [0, CHUNK - 1],
        [CHUNK - 1, CHUNK],
        [CHUNK, CHUNK],
        [5, 17 * CHUNK],
        [20 * CHUNK, 20 * CHUNK + 4],
      ];
      for (const [start = 0, end = 0] of ranges) {
        const got = await buffer(blobs.read(id, KEY, { start, end }));
        expect(got.equals(data.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
      }
      await expect(buffer(blobs.read(id, KEY, { start: 0, end: data.length }))).rejects.toThrow(
        RangeError,
      );
    });

    it.each([3, 40])('leaves nothing of a stream that fails after %i chunks', async (chunks) => {
      const blobs = await make();
      const body = Readable.from(
        (async function* () {
          for (let i = 0; i < chunks; i += 1) yield randomBytes(CHUNK);
          throw new Error('connection lost');
        })(),
      );
      await expect(blobs.write(body, KEY)).rejects.toThrow('connection lost');
      expect(await ids(blobs)).toEqual([]);
    });

    it.each([1, 40])(
      'leaves nothing of a stream that is closed after %i chunks',
      async (chunks) => {
        const blobs = await make();
        const body = new Readable({ read() {}, highWaterMark: 1 });
        for (let i = 0; i < chunks; i += 1) body.push(randomBytes(CHUNK));
        const written = blobs.write(body, KEY);
        body.destroy();
        await expect(written).rejects.toThrow();
        expect(await ids(blobs)).toEqual([]);
      },
    );

    it('takes many large streams at once', async () => {
      const blobs = await make();
      const many = Array.from({ length: 12 }, () => randomBytes(10 * CHUNK + 1));
      const stored = await Promise.all(many.map((data) => blobs.write(data, KEY)));
      for (const [index, { id }] of stored.entries())
        expect((await buffer(blobs.read(id, KEY))).equals(many[index] as Buffer)).toBe(true);
    });

    it('does not read faster than its reader', async () => {
      const blobs = await make();
      const { id } = await blobs.write(Buffer.alloc(64 * CHUNK), KEY);
      const stream = blobs.read(id, KEY);
      for await (const piece of stream) {
        expect(piece.length).toBeGreaterThan(0);
        expect(stream.readableLength).toBeLessThan(32 * CHUNK);
        break;
      }
      expect(stream.destroyed).toBe(true);
    });

    it('refuses the wrong key', async () => {
      const blobs = await make();
      const { id } = await blobs.write(randomBytes(10), KEY);
      await expect(buffer(blobs.read(id, randomBytes(32)))).rejects.toThrow();
    });

    it('fails on the stream for a blob that is not there, and deletes it all the same', async () => {
      const blobs = await make();
      const { id } = await blobs.write(randomBytes(10), KEY);
      await blobs.delete(id);
      await blobs.delete(id);
      await expect(buffer(blobs.read(id, KEY))).rejects.toThrow();
      expect(() => blobs.read('../../etc/passwd', KEY)).toThrow();
    });

    it('lists what it holds, each area its own', async () => {
      const blobs = await make();
      const other = blobs.area('other');
      const a = await blobs.write(randomBytes(10), KEY);
      const b = await blobs.write(randomBytes(10), KEY);
      const c = await other.write(randomBytes(10), KEY);
      expect(await ids(blobs)).toEqual([a.id, b.id].sort());
      expect(await ids(other)).toEqual([c.id]);
      for await (const { storedAt } of other.list())
        expect(Math.abs(storedAt.getTime() - Date.now())).toBeLessThan(60_000);
    });
  });
}
