import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { makeFileBlobs } from './file-blobs.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-blobs-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The disk is full from the third megabyte on. */
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      const append = file.appendFile.bind(file);
      let written = 0;
      file.appendFile = async (data) => {
        written += (data as Uint8Array).length;
        if (written > 3 * 1024 * 1024) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return append(data);
      };
      return file;
    },
  };
});

test('a blob that the disk has no room for leaves nothing behind', async () => {
  const blobs = makeFileBlobs(directory);
  const body = Readable.from(Array.from({ length: 8 }, () => Buffer.alloc(1024 * 1024)));
  await expect(blobs.write(body, Buffer.alloc(32))).rejects.toMatchObject({ code: 'ENOSPC' });
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files).toEqual([]);
  expect(body.destroyed).toBe(true);
});
