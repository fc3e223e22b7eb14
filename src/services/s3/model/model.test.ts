import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combine } from './checksum.ts';
import { readOutcome, writeFailure } from './conditions.ts';
import { parseCopySource } from './copy-source.ts';
import { behind, fromColumn, isBucketName, toColumn } from './names.ts';
import { parseCopyRange, parseRange } from './range.ts';
import { parseTagging } from './tags.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });

describe('keys as columns', () => {
  it('sort as their bytes do and come back', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [x, y] = [toColumn(a), toColumn(b)];
        expect(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(
          x < y ? -1 : x > y ? 1 : 0,
        );
        expect(fromColumn(x)).toBe(Buffer.from(a).toString());
      }),
    );
  });

  it('have all keys with a prefix before its end and no others', () => {
    fc.assert(
      fc.property(text, text, (prefix, key) => {
        const column = toColumn(key);
        const within = column >= toColumn(prefix) && column < behind(prefix);
        const begins = Buffer.from(key)
          .subarray(0, Buffer.byteLength(prefix))
          .equals(Buffer.from(prefix));
        expect(within).toBe(begins);
      }),
    );
  });
});

it.each([
  ['abc', true],
  ['my.bucket-1', true],
  ['ab', false],
  ['a'.repeat(64), false],
  ['Abc', false],
  ['a_b', false],
  ['-ab', false],
  ['ab-', false],
  ['a..b', false],
  ['192.168.0.1', false],
  ['xn--abc', false],
  ['abc-s3alias', false],
  ['..', false],
  ['a/b', false],
])('%s is a bucket name: %s', (name, expected) => expect(isBucketName(name)).toBe(expected));

it.each([
  [undefined, 10, undefined],
  ['bytes=0-4', 10, { start: 0, end: 4 }],
  ['bytes=5-', 10, { start: 5, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-30', 10, { start: 0, end: 9 }],
  ['bytes=8-100', 10, { start: 8, end: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=4-2', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['items=0-1', 10, undefined],
  ['bytes=-', 10, undefined],
])('range %s of %i bytes', (header, size, expected) =>
  expect(parseRange(header, size)).toEqual(expected),
);

it('the range of a part copy has both ends, within the source', () => {
  expect(parseCopyRange('bytes=0-9', 10)).toEqual({ start: 0, end: 9 });
  for (const bad of ['bytes=0-10', 'bytes=0-', 'bytes=5-4', '0-9'])
    expect(parseCopyRange(bad, 10)).toBeUndefined();
});

describe('conditions', () => {
  const object = { etag: 'e', lastModified: new Date(1000_000) };
  const [before, after] = [new Date(999_000), new Date(1001_000)];
  it.each([
    [{}, 'go'],
    [{ ifMatch: '"e"' }, 'go'],
    [{ ifMatch: '*' }, 'go'],
    [{ ifMatch: '"x", "e"' }, 'go'],
    [{ ifMatch: '"x"' }, { failed: 'If-Match' }],
    [{ ifMatch: '"e"', ifUnmodifiedSince: before }, 'go'],
    [{ ifUnmodifiedSince: before }, { failed: 'If-Unmodified-Since' }],
    [{ ifNoneMatch: '"e"' }, 'not-modified'],
    [{ ifNoneMatch: '"x"', ifModifiedSince: after }, 'go'],
    [{ ifModifiedSince: object.lastModified }, 'not-modified'],
    [{ ifModifiedSince: before }, 'go'],
  ] as const)('of a read: %j', (conditions, outcome) =>
    expect(readOutcome(conditions, object)).toEqual(outcome),
  );

  it('of a write', () => {
    expect(writeFailure({ ifNoneMatch: '*' }, undefined)).toBeUndefined();
    expect(writeFailure({ ifNoneMatch: '*' }, 'e')).toBe('If-None-Match');
    expect(writeFailure({ ifMatch: '"e"' }, 'e')).toBeUndefined();
    expect(writeFailure({ ifMatch: '"e"' }, 'f')).toBe('If-Match');
    expect(writeFailure({ ifMatch: '"e"' }, undefined)).toBe('missing');
  });
});

it.each([
  ['b/k', { bucket: 'b', key: 'k' }],
  ['/b/a%2Fb%20c+', { bucket: 'b', key: 'a/b c+' }],
  ['b/k?versionId=v', { bucket: 'b', key: 'k', versionId: 'v' }],
  ['b/k%3FversionId=v', { bucket: 'b', key: 'k?versionId=v' }],
  ['arn:aws:s3:::b/k', { bucket: 'b', key: 'k' }],
  ['b', undefined],
  ['b/', undefined],
  ['b/%zz', undefined],
])('copy source %s', (header, expected) => expect(parseCopySource(header)).toEqual(expected));

it('tags in a header', () => {
  expect(parseTagging('a=1&b=%20', 10)).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: ' ' },
  ]);
  for (const bad of ['a=1&a=2', 'aws:x=1', '=1', 'a=1&b=2&c=3'])
    expect(() => parseTagging(bad, 2), bad).toThrow();
});

describe('checksums of multipart objects', () => {
  const parts = [
    randomBytes(100_000),
    randomBytes(100_000),
    randomBytes(1),
    Buffer.alloc(0),
    randomBytes(7),
  ];
  const whole = Buffer.concat(parts);
  const base64 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes.toString('base64');
  };
  const crc64 = async (data: Uint8Array) => {
    const hash = new Crc64Nvme();
    hash.update(data);
    return Buffer.from(await hash.digest()).toString('base64');
  };

  it('of the full object are what reading it again would give', async () => {
    const of32 = parts.map((part) => ({ value: base64(crc32(part)), size: part.length }));
    expect((await combine('CRC32', 'FULL_OBJECT', of32))?.value).toBe(base64(crc32(whole)));
    const of64 = await Promise.all(
      parts.map(async (part) => ({ value: await crc64(part), size: part.length })),
    );
    expect((await combine('CRC64NVME', 'FULL_OBJECT', of64))?.value).toBe(await crc64(whole));
  });

  it('composite ones are of the checksums, with their number', async () => {
    const of32 = parts.map((part) => ({ value: base64(crc32(part)), size: part.length }));
    const joined = Buffer.concat(of32.map(({ value }) => Buffer.from(value, 'base64')));
    expect((await combine('CRC32', 'COMPOSITE', of32))?.value).toBe(`${base64(crc32(joined))}-5`);
  });
});
