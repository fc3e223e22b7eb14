import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { uncompressed } from './compressed.ts';

const GZIP = { headers: { 'content-encoding': 'gzip' } };

describe('a body', () => {
  test('that says that it is compressed is what was put into it', async () => {
    const body = Buffer.from('{"a":1}');
    expect(await uncompressed(GZIP, gzipSync(body), 100)).toEqual(body);
    expect(await uncompressed({ headers: {} }, body, 100)).toBe(body);
  });

  test('is no larger than it may be, and is what it says', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    await expect(uncompressed(GZIP, bomb, 1000)).rejects.toMatchObject({ status: 413 });
    await expect(uncompressed(GZIP, Buffer.from('plain'), 1000)).rejects.toMatchObject({
      code: 'SerializationException',
    });
  });
});
