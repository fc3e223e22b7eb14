import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../lib/testing.ts';
import { ArchiveError } from './archive-entries.ts';
import {
  fileEntry as file,
  hardLinkEntry as hardLink,
  linkEntry as link,
  type TarEntry,
  tarOfEntries,
} from './testing.ts';
import { unpackInTree } from './unpack-tree.ts';

const THEN = new Date('2020-01-02T03:04:05Z');
const isRoot = process.getuid?.() === 0;

/** A tree beside something that no archive may touch. */
function place() {
  const root = temporaryDirectory();
  const [tree, outside] = [join(root, 'tree'), join(root, 'outside')];
  mkdirSync(tree);
  mkdirSync(outside);
  writeFileSync(join(outside, 'victim'), 'untouched', { mode: 0o640 });
  const unpack = (entries: TarEntry[] | Readable, uid?: number) =>
    unpackInTree(
      tree,
      '/work',
      '/work/in',
      entries instanceof Readable ? entries : tarOfEntries(entries),
      uid,
    );
  return { root, tree, outside, unpack, inside: () => listed(join(tree, 'in')).sort() };
}

/** What is in a directory, as `path mode content`. */
function listed(directory: string, prefix = ''): string[] {
  return readdirSync(directory).flatMap((name) => {
    const [path, file] = [prefix + name, join(directory, name)];
    const found = lstatSync(file);
    if (found.isSymbolicLink()) return [`${path} -> ${readlinkSync(file)}`];
    const mode = (found.mode & 0o7777).toString(8);
    if (found.isDirectory()) return [`${path}/ ${mode}`, ...listed(file, `${path}/`)];
    return [`${path} ${mode} ${found.isFile() ? readFileSync(file, 'utf8') : '?'}`];
  });
}

const long = (bytes: number) => 'n'.repeat(bytes);

test('names are taken as Linux has them, and links as they are', async () => {
  const { unpack, inside } = place();
  await unpack([
    link('out', '../../outside'),
    link('absolute', '/etc/passwd'),
    file('c:x'),
    file('C:/y'),
    file('\\a'),
    file('a\\b\\..\\c'),
    file('./d//e'),
    file('tab\t"*?<>| line\n'),
    file(long(255)),
    file(`${'日本/'.repeat(60)}語`),
    link('日本-link', '語'.repeat(60)),
  ]);
  expect(inside().filter((line) => !line.includes('日本/') && !/^日本\/? /.test(line))).toEqual(
    [
      'out -> ../../outside',
      'absolute -> /etc/passwd',
      'c:x 644 x',
      'C:/ 755',
      'C:/y 644 x',
      '\\a 644 x',
      'a\\b\\..\\c 644 x',
      'd/ 755',
      'd/e 644 x',
      'tab\t"*?<>| line\n 644 x',
      `${long(255)} 644 x`,
      `日本-link -> ${'語'.repeat(60)}`,
    ].sort(),
  );
  expect(inside()).toContain(`${'日本/'.repeat(60)}語 644 x`);
});

test('modes and times are those of the archive, but set-user-id bits, whatever the order', async () => {
  const { tree, unpack, inside } = place();
  await unpack([
    { name: 'locked', type: 'directory', mode: 0o500, mtime: THEN },
    { ...file('locked/file'), mode: 0o4755, mtime: THEN },
    { ...file('secret'), mode: 0o600 },
    { ...file('group'), mode: 0o2070 },
    { name: 'shared', type: 'directory', mode: 0o1777 },
  ]);
  expect(inside()).toEqual(
    ['group 70 x', 'locked/ 500', 'locked/file 755 x', 'secret 600 x', 'shared/ 777'].sort(),
  );
  for (const path of ['locked', 'locked/file'])
    expect(lstatSync(join(tree, 'in', path)).mtime).toEqual(THEN);
  chmodSync(join(tree, 'in', 'locked'), 0o700);
});

test.skipIf(!isRoot)('all is given to the user of the work (skipped without root)', async () => {
  const { tree, outside, unpack } = place();
  const uid = 1_879_048_200;
  await unpack([file('a/b/c'), link('link', outside), hardLink('second', 'a/b/c')], uid);
  for (const path of ['', 'a', 'a/b', 'a/b/c', 'link', 'second'])
    expect(lstatSync(join(tree, 'in', path))).toMatchObject({ uid, gid: uid });
  expect(lstatSync(outside).uid).toBe(0);
});

test('a name that ends with a slash is a directory', async () => {
  const { unpack, inside } = place();
  await unpack([file('./', ''), { ...file('old/', ''), mode: 0o755 }, file('old/file')]);
  expect(inside()).toEqual(['old/ 755', 'old/file 644 x']);
});

test('of entries with one name the last counts', async () => {
  const { unpack, inside } = place();
  await unpack([
    { ...file('twice', 'first'), mode: 0o400 },
    file('twice', 'second'),
    link('file', '../../outside/victim'),
    file('file', 'a file'),
    file('link', 'a file'),
    link('link', 'first'),
    link('link', 'second'),
    file('one'),
    hardLink('two', 'one'),
    file('one', 'other'),
    link('three', 'away'),
    hardLink('four', 'three'),
  ]);
  const expected = ['twice 644 second', 'file 644 a file', 'link -> second', 'one 644 other'];
  expect(inside()).toEqual([...expected, 'two 644 x', 'three -> away', 'four -> away'].sort());
});

test.each([
  ['a name that leads up', [file('../outside/victim', 'hit')], /leads out of its directory/],
  ['a name that leads up later', [file('a/../../outside/x')], /leads out of its directory/],
  ['an absolute name', [file('/outside')], /leads out of its directory/],
  [
    'a file below its own link',
    [link('l', '../../outside'), file('l/victim', 'hit')],
    /lies below a link/,
  ],
  [
    'a directory at its own link',
    [link('l', '../../outside'), { name: 'l/', type: 'directory', mode: 0o777 }],
    /link of the same archive/,
  ],
  [
    'a link below its own link',
    [link('l', '../../outside'), link('l/x', '/etc')],
    /lies below a link/,
  ],
  [
    'a link where links lie',
    [link('l/x', '/etc'), link('l', '../../outside')],
    /directory and a link/,
  ],
  ['a link where a directory is', [file('l/x'), link('l', '../../outside')], /EISDIR|EPERM/],
  ['a hard link that leads up', [hardLink('l', '../outside/victim')], /leads out of its directory/],
  ['an absolute hard link', [hardLink('l', '/etc/passwd')], /leads out of its directory/],
  ['a hard link through a link', [link('l', '../../outside'), hardLink('h', 'l/victim')], /ENOENT/],
  ['a hard link to nothing', [hardLink('h', 'none')], /ENOENT/],
  ['a hard link to itself', [file('h'), hardLink('h', 'h')], /ENOENT/],
  ['a hard link to a directory', [file('d/x'), hardLink('h', 'd')], /EPERM|EISDIR/],
  [
    'a device',
    [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }],
    /character-device/,
  ],
  ['a block device', [{ name: 'disk', type: 'block-device', devmajor: 8 }], /block-device/],
  ['a fifo', [{ name: 'fifo', type: 'fifo' }], /is a fifo/],
  ['a file where a directory is needed', [file('a'), file('a/b')], /ENOTDIR/],
  ['a directory where a file is', [file('a'), { name: 'a/', type: 'directory' }], /ENOTDIR/],
  ['a file where a directory is', [file('a/b'), file('a')], /EISDIR|EPERM/],
  ['a name of 300 bytes', [file(long(300))], /is too long a name/],
  ['a path that is 10,000 deep', [file(`${'d/'.repeat(10_000)}x`)], /is too long a name/],
  ['a NUL in a name', [{ ...file('x'), pax: { path: 'a\0b' } }], /NUL/],
  ['a link to nothing', [{ ...link('l', 'x'), pax: { linkpath: 'a\0b' } }], /leads to no name/],
] as [string, TarEntry[], RegExp][])(
  '%s is refused, and nothing outside is touched',
  async (_name, entries, reason) => {
    const { tree, outside, unpack } = place();
    await expect(unpack(entries)).rejects.toThrow(reason);
    expect(listed(outside)).toEqual(['victim 640 untouched']);
    expect(readdirSync(tree)).toEqual(['in']);
  },
);

test('a name in no UTF-8 is refused, not changed', async () => {
  const bytes = await buffer(tarOfEntries([file('n_')]));
  bytes[1] = 0xff;
  const sum = bytes.subarray(0, 512).reduce((a, b, i) => a + (i < 148 || i > 155 ? b : 32), 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  await expect(place().unpack(Readable.from([bytes]))).rejects.toThrow(ArchiveError);
});

test.each([
  ['on the way', 'in', [file('x')]],
  ['below', 'in/d', [file('d/victim', 'hit')]],
  ['below, for a directory', 'in/d', [{ name: 'd/', type: 'directory', mode: 0o777 }]],
  ['below, for a hard link', 'in/d', [hardLink('h', 'd/victim')]],
] as [string, string, TarEntry[]][])(
  'a link that the work made %s is not followed',
  async (_where, at, entries) => {
    const { tree, outside, unpack } = place();
    if (at !== 'in') mkdirSync(join(tree, 'in'));
    symlinkSync(outside, join(tree, at));
    await expect(unpack(entries)).rejects.toThrow(/ENOTDIR|ELOOP/);
    expect(listed(outside)).toEqual(['victim 640 untouched']);
    expect(lstatSync(outside).mode & 0o777).toBe(0o755);
  },
);

test('a file or link takes the place of a link that the work made', async () => {
  const { tree, outside, unpack, inside } = place();
  mkdirSync(join(tree, 'in'));
  for (const name of ['a', 'b']) symlinkSync(join(outside, 'victim'), join(tree, 'in', name));
  await unpack([file('a', 'new'), link('b', 'a')]);
  expect(inside()).toEqual(['a 644 new', 'b -> a']);
  expect(listed(outside)).toEqual(['victim 640 untouched']);
});

test('too many links are refused before they fill the memory', async () => {
  const target = long(4000);
  function* links() {
    for (let i = 0; i < 20_000; i++) yield link(`l${i}`, target);
  }
  await expect(place().unpack(streamOf(links()))).rejects.toThrow('too many links');
});

/** Written as it is read. */
function streamOf(entries: Iterable<TarEntry>): Readable {
  return Readable.from(
    (async function* () {
      for (const entry of entries) {
        const bytes = await buffer(tarOfEntries([entry]));
        yield bytes.subarray(0, bytes.length - 1024);
      }
      yield Buffer.alloc(1024);
    })(),
  );
}

const name = fc
  .array(fc.constantFrom('a', 'b', 'c:', '\\', '..', '.', ''), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const target = fc.oneof(name, fc.constantFrom('/', '../../outside', '../../outside/victim', '..'));
const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  fc.tuple(name, fc.string()).map(([at, body]) => file(at, body)),
  fc.tuple(name, target).map(([at, to]) => link(at, to)),
  fc.tuple(name, target).map(([at, to]) => hardLink(at, to)),
  name.map((at): TarEntry => ({ name: at, type: 'directory', mode: 0o777 })),
);

test('no archive whatever touches anything outside', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 8 }),
      fc.array(entry, { maxLength: 8 }),
      async (...archives) => {
        const { root, tree, outside, unpack } = place();
        for (const archive of archives) await unpack(archive).catch(() => {});
        expect(readdirSync(root).sort()).toEqual(['outside', 'tree']);
        expect(readdirSync(tree)).toEqual(['in']);
        expect(listed(outside)).toEqual(['victim 640 untouched']);
        expect(lstatSync(join(outside, 'victim')).nlink).toBe(1);
      },
    ),
    { numRuns: 150 },
  );
});
