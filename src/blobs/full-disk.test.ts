import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../executors/small-disk.ts';
import { makeFileBlobs } from './file-blobs.ts';

const MEBIBYTE = 1024 * 1024;
const KEY = Buffer.alloc(32);

const disk = mountSmallDisk(4);
afterAll(() => disk && unmountSmallDisk(disk));

describe.skipIf(disk === undefined)('on a full disk', () => {
  const directory = join(disk ?? '', 'blobs');
  const files = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );

  test.each([
    ['fills it', 8],
    ['is small', 0.1],
  ])(
    'a blob that the disk has no room for leaves nothing behind: one that %s',
    async (_what, mebibytes) => {
      const blobs = makeFileBlobs(directory);
      await blobs.delete((await blobs.write(Buffer.from('x'), KEY)).id);
      const makeRoom = mebibytes < 1 ? fillDisk(disk ?? '') : () => {};
      const piece = Buffer.alloc((mebibytes * MEBIBYTE) / 8);
      const body = Readable.from(Array.from({ length: 8 }, () => piece));
      await expect(blobs.write(body, KEY)).rejects.toMatchObject({ code: 'ENOSPC' });
      makeRoom();
      expect(files()).toEqual([]);
      expect(body.destroyed).toBe(true);
      const { id } = await blobs.write(Buffer.alloc(MEBIBYTE), KEY);
      expect(await buffer(blobs.read(id, KEY))).toHaveLength(MEBIBYTE);
      rmSync(directory, { recursive: true });
    },
  );
});
