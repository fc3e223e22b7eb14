import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import yauzl from 'yauzl';
import type { GitRepository, NewCommit } from './git-host.ts';
import { gitClient, temporaryGitHost } from './testing.ts';

const person = { name: 'Mary Major', email: 'mary@example.com', date: '1700000000 +0100' };
const noCommit = '1'.repeat(40);

function commitOf(changes: NewCommit['changes'], parents: string[] = []): NewCommit {
  return { parents, author: person, committer: person, message: 'A message\n', changes };
}

function file(path: string, text: string, mode: '100644' | '100755' | '120000' = '100644') {
  return { path, mode, content: Buffer.from(text) };
}

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let id: string;
let repository: GitRepository;

beforeAll(async () => {
  temporary = await temporaryGitHost();
});
afterAll(() => temporary.close());
beforeEach(async () => {
  id = randomUUID();
  await temporary.host.create(id);
  repository = temporary.host.repository(id);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('a repository', () => {
  test('is made once, bare and empty, with HEAD at main', async () => {
    await temporary.host.create(id);
    expect(await repository.head()).toBe('refs/heads/main');
    expect(await repository.references()).toEqual([]);
  });

  test('made by several at once is one', async () => {
    const other = randomUUID();
    await Promise.all([1, 2, 3, 4].map(() => temporary.host.create(other)));
    expect(await temporary.host.exists(other)).toBe(true);
    const left = (await readdir(join(temporary.directory, 'repositories'))).filter((name) =>
      name.startsWith(other),
    );
    expect(left).toEqual([`${other}.git`]);
  });

  test('is deleted, also twice', async () => {
    await repository.info(noCommit);
    await temporary.host.delete(id);
    await temporary.host.delete(id);
    expect(await temporary.host.exists(id)).toBe(false);
  });

  test.each(['..', '../x', 'a/b', '', '-x'])('never has the id %j', (bad) => {
    expect(() => temporary.host.repository(bad)).toThrow('Not a repository id');
  });
});

describe('commits', () => {
  test('are written and read back', async () => {
    const commitId = await repository.writeCommit(
      commitOf([
        file('a.txt', 'hello\n'),
        file('dir/run.sh', '#!/bin/sh\n', '100755'),
        file('dir/link', 'run.sh', '120000'),
      ]),
    );
    const commit = await repository.commit(commitId);
    expect(commit).toMatchObject({ parents: [], author: person, message: 'A message\n' });
    const entries = await repository.tree(commit?.tree ?? '');
    expect(entries.map(({ mode, name }) => [mode, name])).toEqual([
      ['100644', 'a.txt'],
      ['040000', 'dir'],
    ]);
    const script = await repository.find(commit?.tree ?? '', 'dir/run.sh');
    expect(script?.mode).toBe('100755');
    expect((await repository.read(script?.id ?? ''))?.content.toString()).toBe('#!/bin/sh\n');
    expect((await repository.find(commit?.tree ?? '', 'dir/link'))?.mode).toBe('120000');
    expect(await repository.find(commit?.tree ?? '', 'a.txt/b')).toBeUndefined();
    expect(await repository.references()).toEqual([]);
  });

  test('change, copy and delete files of their parent', async () => {
    const first = await repository.writeCommit(
      commitOf([file('a', '1'), file('b', '2'), file('deep/er/c', '3')]),
    );
    const before = await repository.commit(first);
    const b = await repository.find(before?.tree ?? '', 'b');
    const second = await repository.writeCommit(
      commitOf(
        [
          file('a', '1 changed'),
          { path: 'copied/b', mode: '100755', id: b?.id ?? '' },
          { path: 'deep/er/c', deleted: true },
        ],
        [first],
      ),
    );
    const after = await repository.commit(second);
    expect(after?.parents).toEqual([first]);
    const changes = await collect(repository.differences(before?.tree, after?.tree ?? ''));
    expect(
      changes.map(({ change, before: b4, after: af }) => [change, b4?.path ?? af?.path]),
    ).toEqual([
      ['M', 'a'],
      ['A', 'copied/b'],
      ['D', 'deep/er/c'],
    ]);
    expect(await repository.find(after?.tree ?? '', 'deep')).toBeUndefined();
  });

  test('differ from nothing by all of their files, and the reading may stop early', async () => {
    const files = Array.from({ length: 300 }, (_, i) =>
      file(`f${String(i).padStart(3, '0')}`, `${i}`),
    );
    const commitId = await repository.writeCommit(commitOf(files));
    const tree = (await repository.commit(commitId))?.tree ?? '';
    expect(await collect(repository.differences(undefined, tree))).toHaveLength(300);
    for await (const { after } of repository.differences(undefined, tree)) {
      expect(after?.path).toBe('f000');
      break;
    }
  });

  test.each([
    'a "quoted" name',
    'new\nline',
    'back\\slash',
    '--option',
    ' spaces ',
    'ünïcode',
    '"',
  ])('take the path %j', async (path) => {
    const commitId = await repository.writeCommit(commitOf([file(path, 'x')]));
    const tree = (await repository.commit(commitId))?.tree ?? '';
    expect((await repository.tree(tree)).map(({ name }) => name)).toEqual([path]);
  });

  test.each(['../x', '/x', 'a/../../x', '.git/config', 'a//b', ''])(
    'refuse the path %j',
    async (path) => {
      await expect(repository.writeCommit(commitOf([file(path, 'x')]))).rejects.toThrow(
        'Not a path',
      );
    },
  );

  test('keep a name or message from writing more than itself', async () => {
    const evil = 'x> 1 +0000\ncommitter evil <e@e> 1 +0000\n\nD a';
    const commitId = await repository.writeCommit({
      ...commitOf([file('a', '1')]),
      author: { ...person, name: evil },
      message: 'M 100644 inline b\ndata 0\n\ndone\n',
    });
    const commit = await repository.commit(commitId);
    expect(commit?.author.name).toBe('x 1 +0000committer evil e@e 1 +0000D a');
    expect(commit?.committer.name).toBe('Mary Major');
    expect(commit?.message).toBe('M 100644 inline b\ndata 0\n\ndone\n');
    expect((await repository.tree(commit?.tree ?? '')).map(({ name }) => name)).toEqual(['a']);
  });

  test('may be empty', async () => {
    const commitId = await repository.writeCommit(commitOf([]));
    expect(await repository.tree((await repository.commit(commitId))?.tree ?? '')).toEqual([]);
  });
});

describe('objects', () => {
  test('that do not exist are undefined, also between others that do', async () => {
    const commitId = await repository.writeCommit(commitOf([file('a', 'x'.repeat(300_000))]));
    const answers = await Promise.all([
      repository.commit(commitId),
      repository.info(noCommit),
      repository.commit(noCommit),
      repository.commit(commitId),
    ]);
    expect(answers.map((answer) => answer !== undefined)).toEqual([true, false, false, true]);
  });

  test.each(['HEAD', '--batch-all-objects', 'a\ncontents b', '1234567', `${noCommit}^{tree}`])(
    'are not asked for by the text %j',
    async (text) => {
      await expect(repository.info(text)).rejects.toThrow('Not an object id');
    },
  );
});

describe('references', () => {
  test('move only from where they are expected to be', async () => {
    const one = await repository.writeCommit(commitOf([file('a', '1')]));
    const two = await repository.writeCommit(commitOf([file('a', '2')], [one]));
    const name = 'refs/heads/other';
    expect(await repository.updateReference(name, one, two)).toBe('moved');
    expect(await repository.updateReference(name, one, undefined)).toBe('updated');
    expect(await repository.updateReference(name, two, undefined)).toBe('moved');
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => repository.updateReference(name, two, one)),
    );
    expect(outcomes.sort()).toEqual(['moved', 'moved', 'updated']);
    expect(await repository.updateReference(name, undefined, one)).toBe('moved');
    expect(await repository.updateReference(name, undefined, two)).toBe('updated');
    expect(await repository.references()).toEqual([]);
    // HEAD is at the other one, which stays.
    await repository.updateReference('refs/heads/main', one, undefined);
    expect(await repository.updateReference('refs/heads/main', undefined, one)).toBe('head');
  });

  test('are found by exact name or by folder', async () => {
    const one = await repository.writeCommit(commitOf([file('a', '1')]));
    for (const name of [
      'refs/heads/a/b',
      'refs/heads/ab',
      'refs/tags/a',
      'refs/tags/refs/heads/x',
    ]) {
      await repository.updateReference(name, one, undefined);
    }
    const names = async (wanted: string[]) =>
      (await repository.references(wanted)).map((r) => r.name);
    expect(await names(['refs/heads/a'])).toEqual([]);
    expect(await names(['refs/heads/a/'])).toEqual(['refs/heads/a/b']);
    expect(await names(['refs/heads/'])).toEqual(['refs/heads/a/b', 'refs/heads/ab']);
    expect(await names(['refs/heads/x', 'refs/tags/a'])).toEqual(['refs/tags/a']);
    expect(await names(['refs/heads/*', 'refs/heads/ab~1', '--all'])).toEqual([]);
    await expect(repository.updateReference('refs/heads/a/b/c', one, undefined)).rejects.toThrow();
    await expect(repository.updateReference('refs/../../x', one, undefined)).rejects.toThrow();
  });
});

describe('what a killed git leaves behind', () => {
  test('goes when it is old: a lock, half a push', async () => {
    const one = await repository.writeCommit(commitOf([file('a', '1')]));
    const directory = join(temporary.directory, 'repositories', `${id}.git`);
    await writeFile(join(directory, 'refs', 'heads', 'main.lock'), '');
    await mkdir(join(directory, 'objects', 'tmp_objdir-incoming-x'));
    await writeFile(join(directory, 'objects', 'tmp_objdir-incoming-x', 'pack'), '');
    const before = new Date(0);
    await repository.removeLeftovers({ locksBefore: before, incomingBefore: before });
    const locked = ['-c', 'core.filesRefLockTimeout=0', 'update-ref', 'refs/heads/main', one];
    await expect(gitClient(directory, locked)).rejects.toThrow('main.lock');
    const later = new Date(Date.now() + 60_000);
    await repository.removeLeftovers({ locksBefore: later, incomingBefore: later });
    await gitClient(directory, locked);
    expect(await readdir(join(directory, 'objects'))).not.toContain('tmp_objdir-incoming-x');
    expect(await repository.read(one)).toBeDefined();
  });
});

test('garbage collection keeps what no reference reaches', async () => {
  const commits: string[] = [];
  for (let i = 0; i < 3; i++)
    commits.push(await repository.writeCommit(commitOf([file('a', `${i}`)])));
  await repository.maintain();
  for (const one of commits) expect(await repository.commit(one)).toBeDefined();
});

describe('an archive', () => {
  test('holds every file as it was committed, with its mode', async () => {
    const commitId = await repository.writeCommit(
      commitOf([
        file('.gitattributes', '* text eol=crlf\nsecret export-ignore\nsubst export-subst\n'),
        file('secret', 'kept\n'),
        file('subst', '$Format:%H$\n'),
        file('dir/run.sh', '#!/bin/sh\n', '100755'),
        file('dir/link', 'run.sh', '120000'),
      ]),
    );
    const entries = await unzip(await buffer(await repository.archive(commitId)));
    expect(entries).toEqual({
      '.gitattributes': [0o100644, '* text eol=crlf\nsecret export-ignore\nsubst export-subst\n'],
      secret: [0o100644, 'kept\n'],
      subst: [0o100644, '$Format:%H$\n'],
      'dir/run.sh': [0o100755, '#!/bin/sh\n'],
      'dir/link': [0o120777, 'run.sh'],
    });
  });

  test('of no commit fails', async () => {
    await expect(buffer(await repository.archive(noCommit))).rejects.toThrow('ended with 128');
  });
});

/** Files of a ZIP by path: mode and text. A mode of 0 is git's way to say 100644. */
async function unzip(bytes: Buffer): Promise<Record<string, [number, string]>> {
  const zip = await yauzl.fromBufferPromise(bytes);
  const files: Record<string, [number, string]> = {};
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const content = await buffer(await zip.openReadStreamPromise(entry));
    files[entry.fileName] = [entry.externalFileAttributes >>> 16 || 0o100644, content.toString()];
  }
  return files;
}

describe('what surrounds the server', () => {
  test('does not reach git: neither configuration nor hooks', async () => {
    const home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
    await writeFile(
      join(home, '.gitconfig'),
      '[init]\n\tdefaultBranch = evil\n[core]\n\tbare = broken\n',
    );
    const before = { HOME: process.env.HOME, GIT_DIR: process.env.GIT_DIR };
    process.env.HOME = home;
    process.env.GIT_DIR = '/nonexistent';
    try {
      const other = randomUUID();
      await temporary.host.create(other);
      expect(await temporary.host.repository(other).head()).toBe('refs/heads/main');
    } finally {
      process.env.HOME = before.HOME;
      delete process.env.GIT_DIR;
      await rm(home, { recursive: true });
    }
  });

  test('git fsck finds nothing wrong with what was written', async () => {
    await repository.writeCommit(commitOf([file('a/b', '1'), file('a.b', '2'), file('a-b', '3')]));
    const directory = join(temporary.directory, 'repositories', `${id}.git`);
    await gitClient(directory, ['fsck', '--strict', '--full']);
  });
});
