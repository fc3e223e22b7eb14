import { describe, expect, test } from 'vitest';
import { kindOf, type Manifest, readFileLine, readManifest, writeManifest } from './manifest.ts';

const key = Buffer.alloc(32, 1);
const manifest: Manifest = {
  ...{ format: 1, made: '2026-11-28T00:00:00.000Z', steps: ['db/0001-key-check'], keys: true },
  files: { count: 1, bytes: 2, sha256: 'ab' },
};

describe('paths', () => {
  const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
  test.each([
    ['keys/master.key', 'key'],
    ['keys/accounts/123456789012.json', 'key'],
    ['database/codecommit_repository.jsonl', 'table'],
    ['blobs/s3/ab/ab0123456789abcdef0123456789abcd', 'blob'],
    [`repositories/${uuid}.tar`, 'repository'],
  ])('%s is a %s', (path, kind) => expect(kindOf(path)).toBe(kind));

  test.each([
    'keys/../master.key',
    'keys/accounts/../../x.json',
    'keys/server.json',
    '/etc/passwd',
    'blobs/s3/ab/cd0123456789abcdef0123456789abcd',
    'blobs/../s3/ab/ab0123456789abcdef0123456789abcd',
    'database/a/b.jsonl',
    'database/A.jsonl',
    `repositories/${uuid}.tar/x`,
    `repositories/${uuid}.tar\n`,
    'work/x',
    '',
  ])('%j is none', (path) => expect(() => kindOf(path)).toThrow(/not whole, or was changed/));
});

test('a manifest passes under the key that it was written under, unchanged', () => {
  const text = writeManifest(manifest, key);
  const read = readManifest(text);
  expect(read.manifest).toEqual(manifest);
  read.check(key);
  expect(() => read.check(Buffer.alloc(32, 2))).toThrow(/not written under/);
  const changed = readManifest(text.replace('\\"count\\":1', '\\"count\\":2'));
  expect(changed.manifest.files.count).toBe(2);
  expect(() => changed.check(key)).toThrow(/not written under/);
});

test.each(['', '[]', 'null', '{}', '{"manifest":"{}","hmac":1}', '{"manifest":"null","hmac":""}'])(
  '%j is no manifest',
  (text) => expect(() => readManifest(text)).toThrow(/not whole|format/),
);

test('a later format is refused by its number', () => {
  const text = writeManifest({ ...manifest, format: 2 }, key);
  expect(() => readManifest(text)).toThrow('The backup has format 2');
});

test.each([
  '',
  '{}',
  '{"path":1,"size":1,"sha256":""}',
  '{"path":"keys/ca.pem","size":-1,"sha256":""}',
])('%j is no line of the list', (line) => expect(() => readFileLine(line)).toThrow(/not whole/));
