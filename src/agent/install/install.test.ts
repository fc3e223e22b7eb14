import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAppSpec } from '../appspec/parse.ts';
import { makeLayout } from '../layout.ts';
import type { FileExistsBehavior } from '../specification.ts';
import { temporaryDirectory, writeFiles } from '../testing.ts';
import { install } from './install.ts';
import { makePlacement } from './placement.ts';

const GROUP = 'group';

/** A host with an archive; `run` installs what the AppSpec's sections say. */
function host(files: Record<string, string>) {
  const root = temporaryDirectory();
  const [archive, fs] = [join(root, 'archive'), join(root, 'fs')];
  mkdirSync(fs);
  writeFiles(archive, files);
  const layout = makeLayout(join(root, 'root'));
  const warnings: string[] = [];
  return {
    ...{ root, archive, fs, layout, warnings },
    on: (...path: string[]) => join(fs, ...path),
    run: async (sections: string, fileExistsBehavior: FileExistsBehavior = 'DISALLOW') =>
      install({
        layout,
        placement: await makePlacement(fs),
        groupId: GROUP,
        archive,
        appSpec: parseAppSpec(`version: 0.0\nos: linux\n${sections}`),
        fileExistsBehavior,
        warn: (message) => warnings.push(message),
      }),
  };
}

const mapping = (source: string, destination: string) =>
  `  - source: ${source}\n    destination: ${destination}\n`;
const files = (...mappings: string[]) => `files:\n${mappings.join('')}`;

test('CD-SPC-03: / copies everything, a directory its content, a file into a directory', async () => {
  const { run, on } = host({
    'appspec.yml': 'x',
    'dir/a': 'a',
    'dir/.b': 'b',
    'dir/sub/c': 'c',
    'run.sh': 'r',
  });
  await run(files(mapping('/', '/all'), mapping('dir', '/content'), mapping('run.sh', '/bin')));
  expect(readFileSync(on('all/appspec.yml'), 'utf8')).toBe('x');
  expect(readFileSync(on('all/dir/sub/c'), 'utf8')).toBe('c');
  expect(readFileSync(on('content/.b'), 'utf8')).toBe('b');
  expect(statSync(on('bin/run.sh')).mode & 0o777).toBe(0o755);
});

test('CD-AGT-10: the next installation removes what this one made, and nothing else', async () => {
  const { run, on, archive } = host({ 'a/one': '1', 'a/sub/two': '2' });
  await run(files(mapping('a', '/srv/app')));
  writeFileSync(on('srv/app/own'), 'mine');
  writeFiles(archive, { 'b/three': '3' });
  await run(files(mapping('b', '/srv/app')));
  expect(existsSync(on('srv/app/one'))).toBe(false);
  expect(existsSync(on('srv/app/sub'))).toBe(false);
  expect(readFileSync(on('srv/app/own'), 'utf8')).toBe('mine');
  expect(readFileSync(on('srv/app/three'), 'utf8')).toBe('3');
});

test('CD-AGT-10: the instructions and the cleanup list are where the official agent has them', async () => {
  const { run, on, layout } = host({ 'a/one': '1' });
  await run(files(mapping('a', '/srv')));
  expect(readFileSync(layout.cleanupFile(GROUP), 'utf8')).toBe(`${on('srv')}\n${on('srv/one')}\n`);
  const { instructions } = JSON.parse(readFileSync(layout.installFile(GROUP), 'utf8'));
  expect(instructions.map((i: { type: string }) => i.type)).toEqual(['mkdir', 'copy']);
});

test.each([
  ['DISALLOW', 'theirs', 'already exists at this location'],
  ['OVERWRITE', 'new', undefined],
  ['RETAIN', 'theirs', undefined],
] as const)('CD-DEP-07: a file that is there: %s', async (behavior, content, error) => {
  const { run, on } = host({ f: 'new' });
  mkdirSync(on('srv'));
  writeFileSync(on('srv/f'), 'theirs');
  const installed = run(files(mapping('f', '/srv')), behavior);
  if (error) await expect(installed).rejects.toThrow(error);
  else await installed;
  expect(readFileSync(on('srv/f'), 'utf8')).toBe(content);
});

test('CD-SPC-04: the AppSpec’s own behaviour wins', async () => {
  const { run, on } = host({ f: 'new' });
  mkdirSync(on('srv'));
  writeFileSync(on('srv/f'), 'theirs');
  await run(`file_exists_behavior: RETAIN\n${files(mapping('f', '/srv'))}`, 'DISALLOW');
  expect(readFileSync(on('srv/f'), 'utf8')).toBe('theirs');
});

test.each([
  ['a source that is missing', files(mapping('none', '/srv')), 'No such file'],
  [
    'two sources for one destination',
    files(mapping('a/x', '/srv'), mapping('b/x', '/srv')),
    'specifies two source files',
  ],
  [
    'a file where a directory is made',
    files(mapping('a/x/..', '/srv/x'), mapping('b/x', '/srv')),
    'already exists at the location',
  ],
  ['a source outside the archive', files(mapping('../secret', '/srv')), 'outside the revision'],
])('CD-SPC-03: %s fails', async (_what, sections, message) => {
  const { run, root } = host({ 'a/x': '1', 'b/x': '2' });
  writeFileSync(join(root, 'secret'), 's');
  await expect(run(sections)).rejects.toThrow(message);
});

test('symbolic links are made anew; their targets are not read', async () => {
  const { run, on, archive, root } = host({ 'a/f': '1', 'a/d/g': '2' });
  writeFiles(root, { 'outside/secret': 's' });
  symlinkSync('f', join(archive, 'a/link'));
  symlinkSync(join(root, 'outside'), join(archive, 'a/out'));
  symlinkSync('..', join(archive, 'a/d/up'));
  await run(files(mapping('a', '/srv')));
  for (const link of ['link', 'out', 'd/up'])
    expect(lstatSync(on('srv', link)).isSymbolicLink()).toBe(true);
});

test.each(['/../../escaped', '../escaped', '/srv/../../../escaped'])(
  'destination %s stays below the prefix',
  async (destination) => {
    const { run, on, root } = host({ f: '1' });
    await run(files(mapping('f', destination)));
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    expect(readFileSync(on('escaped/f'), 'utf8')).toBe('1');
  },
);

test('a destination does not leave the prefix by a link that is there, or that the bundle brings', async () => {
  const there = host({ f: '1' });
  mkdirSync(join(there.root, 'outside'));
  symlinkSync(join(there.root, 'outside'), there.on('out'));
  await expect(there.run(files(mapping('f', '/out')))).rejects.toThrow('leads outside the prefix');

  const brought = host({ f: '1' });
  mkdirSync(join(brought.root, 'outside'));
  mkdirSync(join(brought.archive, 'a'));
  symlinkSync(join(brought.root, 'outside'), join(brought.archive, 'a/out'));
  await expect(
    brought.run(files(mapping('a', '/srv'), mapping('f', '/srv/out'))),
  ).rejects.toThrow();
  expect(existsSync(join(brought.root, 'outside/f'))).toBe(false);
});

test('OVERWRITE does not write through a link that leads outside the prefix', async () => {
  const { run, on, root } = host({ f: 'new' });
  writeFileSync(join(root, 'victim'), 'theirs');
  symlinkSync(join(root, 'victim'), on('f'));
  await expect(run(files(mapping('f', '/')), 'OVERWRITE')).rejects.toThrow(
    'leads outside the prefix',
  );
  expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('theirs');
});

test('CD-SPC-05: permissions reach what this installation made, by pattern, exception and type', async () => {
  const { run, on } = host({
    'a/x.txt': '1',
    'a/keep.txt': '2',
    'a/y.bin': '3',
    'a/sub/z.txt': '4',
  });
  mkdirSync(on('srv'));
  writeFileSync(on('srv/old.txt'), 'old', { mode: 0o644 });
  await run(`${files(mapping('a', '/srv'))}permissions:
  - object: /srv
    pattern: "*.txt"
    except: [keep.txt]
    mode: 600
    type: [file]
  - object: /srv
    mode: "0700"
    type: [directory]
  - object: /srv/y.bin
    mode: 640
`);
  const mode = (path: string) => (statSync(on('srv', path)).mode & 0o7777).toString(8);
  expect([
    mode('x.txt'),
    mode('keep.txt'),
    mode('sub/z.txt'),
    mode('old.txt'),
    mode('sub'),
    mode('y.bin'),
  ]).toEqual([...['600', '644', '644', '644', '700', '640']]);
});

test.each([
  [
    'twice for one object',
    '  - {object: /srv, mode: 600, type: [file]}\n  - {object: /srv/x, mode: 640}\n',
    'more than once',
  ],
  ['a pattern for a file', '  - {object: /srv/x, pattern: "*.y"}\n', 'invalid pattern (*.y)'],
  ['an exception for a file', '  - {object: /srv/x, except: [y]}\n', 'except parameter'],
  [
    'a default entry for a file',
    '  - {object: /srv/x, acls: ["d:u:root:r"]}\n',
    'supported for directories only',
  ],
  [
    'an owner that does not exist',
    '  - {object: /srv/x, owner: nobody-has-this-name}\n',
    "can't find user",
  ],
])('CD-SPC-05: %s fails', async (_what, permissions, message) => {
  const { run } = host({ 'a/x': '1' });
  await expect(run(`${files(mapping('a', '/srv'))}permissions:\n${permissions}`)).rejects.toThrow(
    message,
  );
});

test.skipIf(existsSync('/sys/fs/selinux/enforce'))(
  'CD-SPC-05: a context is refused where SELinux is not',
  async () => {
    const { run } = host({ 'a/x': '1' });
    const context = 'permissions:\n  - {object: /srv/x, context: {type: httpd_sys_content_t}}\n';
    await expect(run(`${files(mapping('a', '/srv'))}${context}`)).rejects.toThrow(
      'SELinux is not enabled',
    );
  },
);
