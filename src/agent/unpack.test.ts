import {
  createWriteStream,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import tarStream from 'tar-stream';
import { expect, test } from 'vitest';
import { makeZip, temporaryDirectory } from '../lib/testing.ts';
import { insideArchive, sourceInArchive, unpackBundle } from './unpack.ts';

type Members = { name: string; content?: string; mode?: number; linkname?: string }[];

async function tarball(file: string, members: Members, gzip: boolean): Promise<void> {
  const pack = tarStream.pack();
  for (const { name, content = '', mode = 0o644, linkname } of members) {
    pack.entry(
      linkname === undefined ? { name, mode } : { name, type: 'symlink', linkname },
      content,
    );
  }
  pack.finalize();
  const out = createWriteStream(file);
  await (gzip ? pipeline(pack, createGzip(), out) : pipeline(pack, out));
}

function place() {
  const root = temporaryDirectory();
  return {
    root,
    bundle: join(root, 'bundle.tar'),
    archive: join(root, 'deployment', 'deployment-archive'),
  };
}

test.each(['tar', 'tgz'] as const)(
  'CD-AGT-09: %s with modes, hidden files and links',
  async (type) => {
    const { bundle, archive } = place();
    await tarball(
      bundle,
      [
        { name: 'appspec.yml', content: 'x' },
        { name: 'bin/run.sh', content: 'y', mode: 0o755 },
        { name: '.hidden', content: 'z' },
        { name: 'link', linkname: 'bin/run.sh' },
      ],
      type === 'tgz',
    );
    await unpackBundle(bundle, type, archive);
    expect(readdirSync(archive).sort()).toEqual(['.hidden', 'appspec.yml', 'bin', 'link']);
    expect(statSync(join(archive, 'bin/run.sh')).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(archive, 'link')).isSymbolicLink()).toBe(true);
  },
);

test('CD-AGT-09: zip with modes and links', async () => {
  const { bundle, archive } = place();
  const members = [
    { name: 'appspec.yml', content: 'x' },
    { name: 'bin/run.sh', content: 'y', mode: 0o100755 },
    { name: 'link', content: 'bin/run.sh', mode: 0o120777 },
  ];
  writeFileSync(bundle, await makeZip(members));
  await unpackBundle(bundle, 'zip', archive);
  expect(statSync(join(archive, 'bin/run.sh')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(archive, 'link'), 'utf8')).toBe('y');
});

test('CD-AGT-09: a single directory that holds an AppSpec is stripped, others are not', async () => {
  const { bundle, archive } = place();
  await tarball(bundle, [{ name: 'repo-abc/appspec.yml', content: 'x' }], false);
  await unpackBundle(bundle, 'tar', archive);
  expect(readdirSync(archive)).toEqual(['appspec.yml']);
  await tarball(bundle, [{ name: 'repo-abc/other', content: 'x' }], false);
  await unpackBundle(bundle, 'tar', archive);
  expect(readdirSync(archive)).toEqual(['repo-abc']);
});

test('nothing of a hostile zip is written outside the archive', async () => {
  const { root, bundle, archive } = place();
  const members = [
    { name: '../../escaped', content: 'up' },
    { name: 'a/../../../escaped', content: 'up' },
    { name: '/tmp-absolute', content: 'abs' },
    { name: '..', content: 'dots' },
  ];
  writeFileSync(bundle, await makeZip(members));
  await unpackBundle(bundle, 'zip', archive);
  expect(existsSync(join(root, 'escaped'))).toBe(false);
  expect(readdirSync(archive).sort()).toEqual(['__', 'a', 'escaped', 'tmp-absolute']);
});

test('a zip cannot write through its own link', async () => {
  const { root, bundle, archive } = place();
  const members = [
    { name: 'out', content: root, mode: 0o120777 },
    { name: 'out/escaped', content: 'x' },
  ];
  writeFileSync(bundle, await makeZip(members));
  await unpackBundle(bundle, 'zip', archive).catch(() => {});
  expect(existsSync(join(root, 'escaped'))).toBe(false);
});

test.each([
  ['..', [{ name: '../../escaped', content: 'x' }]],
  [
    'a link',
    [
      { name: 'out', linkname: '../..' },
      { name: 'out/escaped', content: 'x' },
    ],
  ],
])('a tar that leads out by %s writes nothing there', async (_way, members: Members) => {
  const { root, bundle, archive } = place();
  await tarball(bundle, members, false);
  await unpackBundle(bundle, 'tar', archive).catch(() => {});
  expect(existsSync(join(root, 'escaped'))).toBe(false);
});

test.each(['tar', 'tgz', 'zip'] as const)('a bundle that is no %s fails', async (type) => {
  const { bundle, archive } = place();
  writeFileSync(bundle, 'this is no archive at all, but long enough to look at'.repeat(30));
  await expect(unpackBundle(bundle, type, archive)).rejects.toThrow('Error extracting');
});

test('paths of an AppSpec do not lead out of the archive', async () => {
  const { root, bundle, archive } = place();
  writeFileSync(bundle, await makeZip([{ name: 'appspec.yml', content: 'x' }]));
  await unpackBundle(bundle, 'zip', archive);
  symlinkSync(root, join(archive, 'out'));
  expect(await insideArchive(archive, '/')).toMatch(/deployment-archive\/?$/);
  await expect(insideArchive(archive, '../../bundle.tar')).rejects.toThrow('outside the revision');
  await expect(insideArchive(archive, 'out/bundle.tar')).rejects.toThrow('outside the revision');
});

test('CD-AGT-10: a source that is a link to a file is that link, wherever it leads', async () => {
  const { root, bundle, archive } = place();
  writeFileSync(bundle, await makeZip([{ name: 'dir/appspec.yml', content: 'x' }]));
  await unpackBundle(bundle, 'zip', archive);
  symlinkSync(bundle, join(archive, 'out'));
  symlinkSync(root, join(archive, 'outside'));
  expect(await sourceInArchive(archive, 'out')).toBe(join(archive, 'out'));
  for (const source of ['outside', 'outside/bundle.tar', '../../bundle.tar'])
    await expect(sourceInArchive(archive, source)).rejects.toThrow('outside the revision');
});

test.each(['zip', 'tar'] as const)(
  'of a bundle that breaks half-way nothing stays (%s)',
  async (type) => {
    const { bundle, archive } = place();
    writeFileSync(join(bundle), '');
    const members = [
      { name: 'big', content: 'x'.repeat(100_000) },
      { name: '../out', content: 'x' },
    ];
    if (type === 'tar') await tarball(bundle, members, false);
    else
      writeFileSync(
        bundle,
        await makeZip([
          { name: 'a', content: 'x' },
          { name: 'a/b', content: 'y' },
        ]),
      );
    await expect(unpackBundle(bundle, type, archive)).rejects.toThrow('Error extracting');
    expect(existsSync(archive)).toBe(false);
  },
);
