import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAppSpec } from '../../lib/server-appspec/parse.ts';
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
  const instructions = () =>
    JSON.parse(readFileSync(layout.installFile(GROUP), 'utf8')).instructions;
  expect(instructions().map((i: { type: string }) => i.type)).toEqual(['mkdir', 'copy']);
  const permissions = 'permissions:\n  - {object: /srv/one, mode: 640, group: yes}\n';
  await expect(run(`${files(mapping('a', '/srv'))}${permissions}`)).rejects.toThrow(
    'no implicit conversion of true into String',
  );
  expect(instructions().slice(2)).toEqual([
    { type: 'chmod', mode: '640', file: on('srv/one') },
    { type: 'chown', owner: null, group: true, file: on('srv/one') },
  ]);
});

test('CD-AGT-10: an installation that fails leaves what it made, and the next one removes it', async () => {
  const { run, on, layout } = host({ 'a/one': '1', 'a/sub/two': '2' });
  await expect(run(files(mapping('a', '/srv'), mapping('none', '/srv')))).rejects.toThrow(
    'No such file or directory',
  );
  expect(readFileSync(on('srv/sub/two'), 'utf8')).toBe('2');
  const made = ['srv', 'srv/one', 'srv/sub', 'srv/sub/two', 'srv/none'].map(
    (name) => `${on(name)}\n`,
  );
  expect(readFileSync(layout.cleanupFile(GROUP), 'utf8')).toBe(made.join(''));
  await run(files(mapping('a/one', '/other')));
  expect(existsSync(on('srv'))).toBe(false);
  expect(readFileSync(on('other/one'), 'utf8')).toBe('1');
});

test.each(['0', '--help', '-s', 'root\nroot', 'no such user'])(
  'an owner that is no name of a user is refused: %j',
  async (owner) => {
    const { run } = host({ a: 'x' });
    const permission = `permissions:\n  - object: /a\n    owner: ${JSON.stringify(owner)}\n`;
    await expect(run(`${files(mapping('a', '/'))}${permission}`)).rejects.toThrow(
      `can't find user for ${owner}`,
    );
  },
);

test('CD-AGT-10: the last line of a cleanup list that was cut off is not removed', async () => {
  const { run, on, layout } = host({ 'a/one': '1' });
  await run(files(mapping('a', '/srv')));
  writeFileSync(on('cut'), '');
  appendFileSync(layout.cleanupFile(GROUP), on('cut'));
  await run(files(mapping('a', '/other')));
  expect(existsSync(on('srv'))).toBe(false);
  expect(existsSync(on('cut'))).toBe(true);
});

test('CD-DEP-07: OVERWRITE puts a file into a directory that is in its way, and a link', async () => {
  const { run, on, archive } = host({ 'a/f': 'new' });
  symlinkSync('/somewhere/g', join(archive, 'a/l'));
  for (const name of ['srv/f', 'srv/l']) mkdirSync(on(name), { recursive: true });
  writeFileSync(on('srv/f/own'), 'mine');
  await run(files(mapping('a', '/srv')), 'OVERWRITE');
  expect(readFileSync(on('srv/f/f'), 'utf8')).toBe('new');
  expect(readFileSync(on('srv/f/own'), 'utf8')).toBe('mine');
  expect(readlinkSync(on('srv/l/g'))).toBe('/somewhere/g');
});

test('CD-DEP-07: OVERWRITE writes through a link to a file, and fails for a link over a file', async () => {
  const { run, on, archive } = host({ 'a/f': 'new' });
  mkdirSync(on('srv'));
  writeFileSync(on('srv/target'), 'old');
  symlinkSync('target', on('srv/f'));
  await run(files(mapping('a', '/srv')), 'OVERWRITE');
  expect(readFileSync(on('srv/target'), 'utf8')).toBe('new');
  expect(readlinkSync(on('srv/f'))).toBe('target');

  symlinkSync('f', join(archive, 'a/l'));
  writeFileSync(on('srv/l'), 'theirs');
  await expect(run(files(mapping('a', '/srv')), 'OVERWRITE')).rejects.toThrow(
    `File exists @ syserr_fail2_in - ${on('srv/l')}`,
  );
});

test('CD-DEP-07: a file where a directory is needed fails, whatever is to be done with files', async () => {
  const { run, on } = host({ 'a/sub/f': '1' });
  mkdirSync(on('srv'));
  writeFileSync(on('srv/sub'), 'a file');
  await expect(run(files(mapping('a', '/srv')), 'OVERWRITE')).rejects.toThrow(
    `File exists @ dir_s_mkdir - ${on('srv/sub')}`,
  );
});

test('a source that is a link is copied as it is, unless it is a directory', async () => {
  const { run, on, archive } = host({ 'a/f': '1' });
  symlinkSync('/etc/hostname', join(archive, 'out'));
  symlinkSync('nowhere', join(archive, 'dangling'));
  symlinkSync('a', join(archive, 'dir'));
  symlinkSync('/etc', join(archive, 'outside'));
  await run(files(mapping('out', '/srv'), mapping('dangling', '/srv'), mapping('dir', '/dir')));
  expect(readlinkSync(on('srv/out'))).toBe('/etc/hostname');
  expect(readlinkSync(on('srv/dangling'))).toBe('nowhere');
  expect(readFileSync(on('dir/f'), 'utf8')).toBe('1');
  await expect(run(files(mapping('outside', '/srv')))).rejects.toThrow('outside the revision');
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
  [
    'a source that is missing',
    files(mapping('none', '/srv')),
    /^No such file or directory @ rb_sysopen - .*\/archive\/none$/,
  ],
  [
    'a source that is a number',
    files(mapping('010', '/srv')),
    'no implicit conversion of Integer into String',
  ],
  [
    'a source that is a float',
    files(mapping('1.10', '/srv')),
    'no implicit conversion of Float into String',
  ],
  [
    'a destination that is a boolean',
    files(mapping('a', 'yes')),
    'no implicit conversion of true into String',
  ],
  ['a blank destination', files(mapping('a', '""')), /^File exists @ dir_s_mkdir - /],
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
  [
    'an exception for a file',
    '  - {object: /srv/x, except: [y, 5]}\n',
    /the except parameter for a pattern in the permissions section \(\["y", 5\]\) for the object named .*\/srv\/x contains/,
  ],
  ['a pattern that is a number', '  - {object: /srv, pattern: 5}\n', 'is not a string (5)'],
  [
    'an owner that is a number',
    '  - {object: /srv/x, owner: 1000}\n',
    'no implicit conversion of Integer into String',
  ],
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

test.each([
  ['a pipe', 'mkfifo'],
  ['a socket', 'socket'],
])('%s in a revision fails the installation, and is not waited for', async (_what, kind) => {
  const { run, archive } = host({ a: '1' });
  const file = join(archive, 'odd');
  if (kind === 'mkfifo') execFileSync('mkfifo', [file]);
  else await new Promise<void>((done) => void createServer().unref().listen(file, done));
  await expect(run(files(mapping('/', '/srv')))).rejects.toThrow(
    `${file} is neither a file, a directory nor a link.`,
  );
});

test('a pipe in the way fails the installation, and is not waited for', async () => {
  const { run, on } = host({ a: '1' });
  mkdirSync(on('srv'));
  execFileSync('mkfifo', [on('srv/a')]);
  await expect(run(files(mapping('a', '/srv')), 'OVERWRITE')).rejects.toThrow('is a pipe');
});

/** Directories each of which has a link to every other. */
function tangle(archive: string, count: number): void {
  const names = Array.from({ length: count }, (_, index) => `d${index}`);
  for (const name of names) mkdirSync(join(archive, name), { recursive: true });
  for (const name of names)
    for (const other of names)
      if (other !== name) symlinkSync(`../${other}`, join(archive, name, other));
}

test('directories that link to each other are copied once on each way; a link back stays a link', async () => {
  const { run, on, archive } = host({ 'd0/a': '1' });
  tangle(archive, 2);
  await run(files(mapping('/', '/srv')));
  expect(readFileSync(on('srv/d1/d0/a'), 'utf8')).toBe('1');
  expect(lstatSync(on('srv/d1/d0/d1')).isSymbolicLink()).toBe(true);
});

test('more links to directories than anybody can follow fail the installation', async () => {
  const { run, archive, on } = host({ a: '1' });
  tangle(archive, 12);
  await expect(run(files(mapping('/', '/srv')))).rejects.toThrow('too many links to directories');
  expect(existsSync(on('srv'))).toBe(false);
}, 60_000);
