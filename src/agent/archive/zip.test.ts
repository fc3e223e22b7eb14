import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeZip, type TestMember, temporaryDirectory } from '../../lib/testing.ts';
import { unpackZip } from './zip.ts';

/** Even, as DOS counts in steps of two seconds. */
const THEN = new Date('2020-01-02T03:04:06Z');

/** What is in a directory, as `path: type mode time content`. */
function tree(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const file = join(directory, path);
      const found = lstatSync(file);
      if (found.isSymbolicLink()) return `${path}: -> ${readlinkSync(file)}`;
      const mode = (found.mode & 0o7777).toString(8);
      if (found.isDirectory()) return `${path}: directory ${mode}`;
      const content = found.mode & 0o400 ? readFileSync(file, 'utf8') : 'unreadable';
      return `${path}: ${mode} ${found.mtime.toISOString()} ${content}`;
    });
}

async function unpacked(archive: Buffer): Promise<string> {
  const root = temporaryDirectory();
  writeFileSync(join(root, 'bundle'), archive);
  mkdirSync(join(root, 'out'));
  await unpackZip(join(root, 'bundle'), join(root, 'out'));
  return join(root, 'out');
}

const MEMBERS: TestMember[] = [
  { name: 'plain', content: 'x', mtime: THEN },
  { name: 'dos-time', content: 'x', mtime: THEN, dosTime: true },
  { name: 'set-user-id', content: 'x', mode: 0o104755, mtime: THEN },
  { name: 'none', content: 'x', mode: 0o100000, mtime: THEN },
  { name: 'no-attributes', content: 'x', mtime: THEN, made: { host: 3, attributes: 0 } },
  { name: 'fat', content: 'x', mtime: THEN, made: { host: 0, attributes: 0 } },
  { name: 'fat-read-only', content: 'x', mtime: THEN, made: { host: 0, attributes: 1 } },
  { name: 'fat-600', content: 'x', mtime: THEN, made: { host: 0, attributes: 0o600 * 65536 } },
  { name: 'fat-755', content: 'x', mtime: THEN, made: { host: 0, attributes: 0o755 * 65536 } },
  { name: 'fifo', content: 'x', mode: 0o010644, mtime: THEN },
  { name: 'back\\slash', content: 'x', mtime: THEN },
  { name: 'private/', content: '', mode: 0o040750, mtime: THEN },
  { name: 'private/in', content: 'x', mtime: THEN },
  { name: 'sticky/', content: '', mode: 0o041777, mtime: THEN },
  { name: '../above', content: 'x', mtime: THEN },
  { name: 'way/../beside', content: 'x', mtime: THEN },
  { name: 'twice', content: 'first', mode: 0o100444, mtime: THEN },
  { name: 'twice', content: 'second', mode: 0o100640, mtime: THEN },
  { name: 'link', content: 'plain', mode: 0o120777 },
  { name: 'link-to-link', content: 'link', mode: 0o120777 },
  { name: 'link-out', content: '/etc/hostname', mode: 0o120777 },
  { name: 'link-up', content: '../shared/log', mode: 0o120777 },
  { name: 'ünï/日本', content: 'x', mtime: THEN },
];

const hasUnzip = spawnSync('unzip', ['-v']).status === 0;

test.skipIf(!hasUnzip)(
  'CD-AGT-09: a zip is unpacked as by unzip (skipped without unzip)',
  async () => {
    const archive = await makeZip(MEMBERS);
    const root = temporaryDirectory();
    writeFileSync(join(root, 'bundle'), archive);
    execFileSync('unzip', ['-qo', 'bundle', '-d', 'out'], { cwd: root, stdio: 'ignore' });
    expect(tree(await unpacked(archive))).toEqual(tree(join(root, 'out')));
  },
);

test('CD-AGT-09: zip members keep their times and modes, but set-user-id bits', async () => {
  const out = await unpacked(await makeZip(MEMBERS));
  const modes = Object.fromEntries(
    ['plain', 'set-user-id', 'none', 'private', 'sticky', 'twice', 'fat-600'].map((name) => [
      name,
      (lstatSync(join(out, name)).mode & 0o7777).toString(8),
    ]),
  );
  expect(modes).toEqual({
    plain: '644',
    'set-user-id': '755',
    none: '0',
    private: '750',
    sticky: '777',
    twice: '640',
    'fat-600': '600',
  });
  expect(lstatSync(join(out, 'plain')).mtime).toEqual(THEN);
  expect(lstatSync(join(out, 'private')).mtime).toEqual(THEN);
  expect(lstatSync(join(out, 'dos-time')).mtime).toEqual(THEN);
});

test('CD-AGT-09: what a link leads to keeps its mode, whatever the entry had that the link took the place of', async () => {
  const victim = join(temporaryDirectory(), 'victim');
  writeFileSync(victim, 'secret', { mode: 0o600 });
  await unpacked(
    await makeZip([
      { name: 'a', content: 'x', mode: 0o100777 },
      { name: 'a', content: victim, mode: 0o120777 },
    ]),
  );
  expect((lstatSync(victim).mode & 0o7777).toString(8)).toBe('600');
});

test('CD-AGT-09: of a link and what comes later under its name the last counts', async () => {
  const archive = await makeZip([
    { name: 'file', content: 'plain', mode: 0o120777 },
    { name: 'file', content: 'a file', mtime: THEN },
    { name: 'link', content: 'a file', mtime: THEN },
    { name: 'link', content: 'first', mode: 0o120777 },
    { name: 'link', content: 'file', mode: 0o120777 },
    { name: 'empty', content: '', mode: 0o120777, mtime: THEN },
    { name: 'c:x', content: 'x', mtime: THEN },
    { name: '\\a', content: 'x', mtime: THEN },
  ]);
  expect(tree(await unpacked(archive))).toEqual([
    '\\a: 644 2020-01-02T03:04:06.000Z x',
    'c:x: 644 2020-01-02T03:04:06.000Z x',
    'empty: 777 2020-01-02T03:04:06.000Z ',
    'file: 644 2020-01-02T03:04:06.000Z a file',
    'link: -> file',
  ]);
});

test('CD-AGT-09: links of a zip are made as they are', async () => {
  const out = await unpacked(await makeZip(MEMBERS));
  const links = ['link', 'link-to-link', 'link-out', 'link-up'];
  expect(links.map((name) => readlinkSync(join(out, name)))).toEqual([
    'plain',
    'link',
    '/etc/hostname',
    '../shared/log',
  ]);
});

test.each([
  ['before it', (zip: Buffer) => Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), zip])],
  ['after it', (zip: Buffer) => Buffer.concat([zip, Buffer.from('more than was asked for')])],
  ['on both sides', (zip: Buffer) => Buffer.concat([Buffer.from('x'), zip, Buffer.from('y')])],
])('CD-AGT-09: a zip with bytes %s is unpacked', async (_where, around) => {
  const out = await unpacked(around(await makeZip(MEMBERS)));
  expect(readFileSync(join(out, 'plain'), 'utf8')).toBe('x');
  expect(lstatSync(join(out, 'plain')).mtime).toEqual(THEN);
});

test('CD-AGT-09: backslashes are separators in a zip from Windows, and names in the DOS code page are read', async () => {
  const members = [
    { name: 'win\\dir\\file', content: 'x', mtime: THEN, made: { host: 0, attributes: 0 } },
    { name: 'caf_', content: 'y', made: { host: 0, attributes: 0 } },
  ];
  const archive = await makeZip(members);
  // e with an acute accent, and no flag that the name is UTF-8.
  for (let at = archive.indexOf('caf_'); at >= 0; at = archive.indexOf('caf_', at + 1))
    archive[at + 3] = 0x82;
  for (let at = archive.indexOf('PK'); at >= 0; at = archive.indexOf('PK', at + 1)) {
    const flags = { '\x03\x04': 6, '\x01\x02': 8 }[archive.toString('latin1', at + 2, at + 4)];
    if (flags) archive.writeUInt16LE(archive.readUInt16LE(at + flags) & ~0x800, at + flags);
  }
  const out = await unpacked(archive);
  expect(readFileSync(join(out, 'win', 'dir', 'file'), 'utf8')).toBe('x');
  expect(readFileSync(join(out, 'café'), 'utf8')).toBe('y');
});

test('a file where another member of a zip needs a directory fails the bundle', async () => {
  const members = [
    { name: 'a', content: 'x' },
    { name: 'a/b', content: 'y' },
  ];
  await expect(unpacked(await makeZip(members))).rejects.toThrow('Error extracting zip archive: ');
});

test('a link of a zip is never a way for another link', async () => {
  const root = temporaryDirectory();
  const members = [
    { name: 'out', content: root, mode: 0o120777 },
    { name: 'out/escaped', content: 'x', mode: 0o120777 },
  ];
  await expect(unpacked(await makeZip(members))).rejects.toThrow('Error extracting zip archive: ');
  expect(readdirSync(root)).toEqual([]);
});
