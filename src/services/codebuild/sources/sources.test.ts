import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { afterAll, expect, test } from 'vitest';
import { makeZip } from '../../../lib/testing.ts';
import { gitCredential } from './git-credential.ts';
import type { FetchedSource } from './source.ts';
import { zipSource } from './zip.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-zip-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A ZIP file of these entries; a character of a text is a byte. */
async function zipOf(entries: [name: string, text: string, mode?: number][]): Promise<string> {
  const members = entries.map(([name, text, mode]) => ({
    name,
    content: Buffer.from(text, 'latin1'),
    ...(mode !== undefined && { mode }),
  }));
  const file = join(directory, `${randomUUID()}.zip`);
  writeFileSync(file, await makeZip(members));
  return file;
}

const unpack = (file: string) => namesIn(zipSource(file));

async function namesIn(source: FetchedSource): Promise<string[]> {
  const names: string[] = [];
  const parser = extract();
  const feeding = (async () => {
    for await (const chunk of source.tar()) parser.write(chunk);
    parser.end(undefined);
  })();
  feeding.catch((error) => parser.destroy(error));
  for await (const entry of parser) {
    names.push(
      `${entry.header.name} ${entry.header.type} ${entry.header.mode?.toString(8)} ${(await buffer(entry)).length}`,
    );
  }
  await feeding;
  return names;
}

test('files, modes and links inside come through', async () => {
  const file = await zipOf([
    ['run.sh', 'echo hi', 0o100755],
    ['link', 'run.sh', 0o120777],
    ['dir/deep', 'x'],
  ]);
  expect(await unpack(file)).toEqual([
    'run.sh file 755 7',
    'link symlink 644 0',
    'dir/deep file 644 1',
  ]);
  expect(await zipSource(file).readText('dir/../run.sh')).toBe('echo hi');
  expect(await zipSource(file).readText('none')).toBeUndefined();
});

test('names are taken as Linux has them, and links as they are', async () => {
  const file = await zipOf([
    ['c:x', 'x'],
    ['C:/y', 'y'],
    ['a\\..\\b', 'z'],
    ['\\a', ''],
    ['link-out', '/etc', 0o120777],
    ['link-up', '../../etc', 0o120777],
    ['setuid', 's', 0o104755],
    ['private/', '', 0o040500],
  ]);
  expect(await unpack(file)).toEqual([
    'c:x file 644 1',
    'C:/y file 644 1',
    'a\\..\\b file 644 1',
    '\\a file 644 0',
    'link-out symlink 644 0',
    'link-up symlink 644 0',
    'setuid file 755 1',
    'private directory 700 0',
  ]);
});

test('names that lead out lose what leads there, as by unzip, and it is said', async () => {
  const source = zipSource(
    await zipOf([
      ['../escape', 'x'],
      ['/etc/escape', 'x'],
      ['a/../../b', 'x'],
      ['..', 'x'],
    ]),
  );
  expect(await namesIn(source)).toEqual([
    'escape file 644 1',
    'etc/escape file 644 1',
    'a/b file 644 1',
    '__ file 644 1',
  ]);
  expect(source.warnings).toEqual([
    'warning:  skipped "../" path component(s) in escape',
    'warning:  stripped absolute path spec from etc/escape',
    'warning:  skipped "../" path component(s) in a/b',
    'warning:  skipped "../" path component(s) in __',
  ]);
});

test.each([
  ['a\0b', 'x', 0o100644, 'a NUL in it: a\\u0000b'],
  ['link', 'a\0b', 0o120777, 'target is no path in UTF-8: link'],
  ['link', '\xff', 0o120777, 'target is no path in UTF-8: link'],
  ['link', 'x'.repeat(4096), 0o120777, 'target is too long: link'],
])('what Linux cannot have ends the build: %j, %j', async (name, text, mode, message) => {
  await expect(unpack(await zipOf([[name, text, mode]]))).rejects.toThrow(message);
});

test('CB-A1: a buildspec that is a link is the file that it leads to, in the archive', async () => {
  const file = await zipOf([
    ['buildspec.yml', 'ci/spec', 0o120777],
    ['ci', './conf//d', 0o120777],
    ['conf/d/spec', '../last.yml', 0o120777],
    ['conf/last.yml', 'first'],
    ['conf/last.yml', 'found'],
    ['file-now', 'conf', 0o120777],
    ['file-now', 'a file'],
    ['absolute', '/etc/hostname', 0o120777],
    ['outside', '../../etc/hostname', 0o120777],
    ['to-itself', 'to-itself', 0o120777],
    ['to-nothing', 'none', 0o120777],
    ['to-directory', 'conf', 0o120777],
  ]);
  const read = (path: string) => zipSource(file).readText(path);
  expect(await read('buildspec.yml')).toBe('found');
  expect(await read('ci/../ci/spec')).toBe('found');
  expect(await read('file-now')).toBe('a file');
  for (const path of ['absolute', 'outside', 'to-itself', 'to-nothing', 'to-directory', '/ci/spec'])
    expect(await read(path)).toBeUndefined();
});

test.each([
  ['a file', 'notes.txt', 0o100644],
  ['a buildspec', 'buildspec.yml', 0o100644],
  ['a link', 'link', 0o120777],
])('%s whose bytes are not those of its checksum is a damaged archive', async (_, name, mode) => {
  const file = await zipOf([
    ['first', 'good'],
    [name, 'the content', mode],
  ]);
  const archive = readFileSync(file);
  archive.write('X', archive.indexOf('the content'));
  writeFileSync(file, archive);
  const damaged = { code: 'CLIENT_ERROR', message: expect.stringContaining('checksum') };
  await expect(unpack(file)).rejects.toMatchObject(damaged);
  await expect(zipSource(file).readText(name)).rejects.toMatchObject(damaged);
});

test.skipIf(process.platform !== 'linux')(
  'many small files cost few reads and come in few pieces (skipped without /proc)',
  async () => {
    const COUNT = 2000;
    const file = await zipOf(
      Array.from({ length: COUNT }, (_, index) => [`d${index % 7}/f${index}`, `text ${index}`]),
    );
    const reads = () => Number(/syscr: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
    const before = reads();
    let [pieces, bytes] = [0, 0];
    for await (const piece of zipSource(file).tar()) {
      pieces += 1;
      bytes += (piece as Buffer).length;
    }
    expect(bytes).toBeGreaterThan(COUNT * 1024);
    expect(pieces).toBeLessThan(COUNT / 10);
    expect(reads() - before).toBeLessThan(COUNT / 2);
  },
);

test('what is no ZIP file is said to be none', async () => {
  const file = join(directory, 'no.zip');
  writeFileSync(file, 'plain text');
  await expect(unpack(file)).rejects.toThrow('not a valid ZIP file');
});

test('CC-GIT-03: the git credential of an identity', () => {
  const { username, password } = gitCredential(
    { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
    new URL('http://127.0.0.1:4566/v1/repos/app'),
    { region: 'us-east-1', now: new Date('2026-01-02T03:04:05.678Z') },
  );
  expect(username).toBe('ASIAEXAMPLE%token');
  expect(password).toMatch(/^20260102T030405Z[0-9a-f]{64}$/);
});
