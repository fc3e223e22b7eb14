import { execFileSync, spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import tarStream from 'tar-stream';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing.ts';
import { unpackTar } from './tar.ts';

const THEN = new Date('2020-01-02T03:04:05Z');
const asRoot = process.getuid?.() === 0;
const has = (program: string) => spawnSync(program, ['--version']).status === 0;

type Member = Parameters<tarStream.Pack['entry']>[0];

/** A directory with a bundle's content, and one to unpack into. */
function place() {
  const root = temporaryDirectory();
  const [source, out] = [join(root, 'source'), join(root, 'out')];
  for (const directory of [source, out]) mkdirSync(directory);
  return { root, source, out, bundle: join(root, 'bundle') };
}

async function unpack(members: Member[]): Promise<{ root: string; out: string }> {
  const { root, out, bundle } = place();
  const pack = tarStream.pack();
  for (const member of members) {
    pack.entry({ mtime: THEN, ...member }, member.type ? '' : member.name);
  }
  pack.finalize();
  await pipeline(pack, createWriteStream(bundle));
  await unpackTar(bundle, 'tar', out);
  return { root, out };
}

const link = (name: string, linkname: string): Member => ({ name, type: 'symlink', linkname });

test('CD-AGT-09: links of a tar are made as they are: absolute, to links, out of the bundle', async () => {
  const links: [string, string][] = [
    ['absolute', '/etc/hostname'],
    ['chain', 'absolute'],
    ['up', '../shared/log'],
    ['loop', 'loop-back'],
    ['loop-back', 'loop'],
  ];
  const { out } = await unpack(links.map(([name, target]) => link(name, target)));
  expect(links.map(([name]) => [name, readlinkSync(join(out, name))])).toEqual(links);
});

test('CD-AGT-09: a member through a linked directory of the bundle is unpacked', async () => {
  const { out } = await unpack([
    { name: 'real', type: 'directory' },
    link('linked', 'real'),
    { name: 'linked/x' },
  ]);
  expect(readFileSync(join(out, 'real', 'x'), 'utf8')).toBe('linked/x');
});

test.each([
  ['a link up', [link('out', '..'), { name: 'out/escaped' }]],
  ['an absolute link', [link('out', '/tmp'), { name: 'out/escaped' }]],
  ['a link over a directory', [link('d', '.'), link('d/e', '..'), { name: 'e/escaped' }]],
  ['a link to a link', [link('a', 'b'), link('b', '..'), { name: 'a/escaped' }]],
  ['dots', [{ name: '../escaped' }]],
  ['dots inside', [{ name: 'x/../../escaped' }]],
] as [string, Member[]][])(
  'a member of a tar that leads out by %s fails and is not written',
  async (_way, members) => {
    const { root, out, bundle } = place();
    const pack = tarStream.pack();
    for (const member of members) pack.entry(member, member.type ? '' : 'escaped');
    pack.finalize();
    await pipeline(pack, createWriteStream(bundle));
    await expect(unpackTar(bundle, 'tar', out)).rejects.toThrow('Error extracting tar archive: ');
    expect([join(root, 'escaped'), '/tmp/escaped'].filter(existsSync)).toEqual([]);
  },
);

test('CD-AGT-09: TAR_OPTIONS of the environment do not change what may be written', async () => {
  process.env.TAR_OPTIONS = '--absolute-names';
  try {
    const { root, out } = place();
    const { out: unpacked } = await unpack([{ name: `${root}/escaped` }]);
    expect(existsSync(join(unpacked, root, 'escaped'))).toBe(true);
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    expect(existsSync(join(out, 'escaped'))).toBe(false);
  } finally {
    delete process.env.TAR_OPTIONS;
  }
});

test.each(['--format=gnu', '--sparse-version=0.0', '--sparse-version=0.1', '--sparse-version=1.0'])(
  'CD-AGT-09: a sparse file (%s) is unpacked whole',
  async (format) => {
    const { source, out, bundle } = place();
    writeFileSync(join(source, 'big'), 'start');
    truncateSync(join(source, 'big'), 1_000_000);
    const options = format.startsWith('--sparse') ? ['--format=posix', format] : [format];
    execFileSync('tar', ['-S', ...options, '-cf', bundle, '-C', source, '.']);
    expect(statSync(bundle).size).toBeLessThan(100_000);
    await unpackTar(bundle, 'tar', out);
    expect(readFileSync(join(out, 'big')).equals(readFileSync(join(source, 'big')))).toBe(true);
  },
);

test.each([
  ['gzip', '-z'],
  ['bzip2', '-j'],
  ['xz', '-J'],
])(
  'CD-AGT-09: a tar compressed with %s is unpacked (skipped without it)',
  async (program, option) => {
    if (!has(program)) return;
    const { source, out, bundle } = place();
    writeFileSync(join(source, 'x'), 'content', { mode: 0o751 });
    utimesSync(join(source, 'x'), THEN, THEN);
    symlinkSync('x', join(source, 'l'));
    linkSync(join(source, 'x'), join(source, 'same'));
    execFileSync('tar', ['-c', option, '-f', bundle, '-C', source, '.']);
    await unpackTar(bundle, 'tar', out);
    expect(readFileSync(join(out, 'l'), 'utf8')).toBe('content');
    const { mode, mtime, nlink } = lstatSync(join(out, 'same'));
    expect({ mode: mode & 0o7777, mtime, nlink }).toEqual({ mode: 0o751, mtime: THEN, nlink: 2 });
  },
);

test('CD-AGT-09: a tgz that is not compressed fails, as with the official agent', async () => {
  const { source, out, bundle } = place();
  execFileSync('tar', ['-cf', bundle, '-C', source, '.']);
  await expect(unpackTar(bundle, 'tgz', out)).rejects.toThrow('Error extracting tar archive: 2');
});

test.skipIf(!asRoot)(
  'CD-AGT-09: owners go by name before number (skipped without root)',
  async () => {
    const { out } = await unpack([
      { name: 'by-name', uname: 'nobody', gname: 'daemon', uid: 4242, gid: 4242 },
      { name: 'by-number', uname: 'no-such-user', uid: 4242, gid: 4243 },
    ]);
    const [name, number] = ['by-name', 'by-number'].map((file) => statSync(join(out, file)));
    const idOf = (file: string, who: string) =>
      Number(new RegExp(`^${who}:[^:]*:(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
    expect([name?.uid, name?.gid]).toEqual([
      idOf('/etc/passwd', 'nobody'),
      idOf('/etc/group', 'daemon'),
    ]);
    expect([number?.uid, number?.gid]).toEqual([4242, 4243]);
  },
);
