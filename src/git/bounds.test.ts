import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Slots } from '../lib/slots.ts';
import { GitLimitError, PUSH } from './bounds.ts';
import type { Ending } from './environment.ts';
import type { GitRepository } from './git-host.ts';
import { runGit, startGit } from './process.ts';
import { emptyFolders, temporaryGitHost, treeBomb } from './testing.ts';

/** A few small objects that stand for thousands of millions of files. */

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let directory: string;
let repository: GitRepository;
let bomb: { commit: string; tree: string };

beforeAll(async () => {
  temporary = await temporaryGitHost();
  const id = randomUUID();
  await temporary.host.create(id);
  directory = join(temporary.directory, 'repositories', `${id}.git`);
  repository = temporary.host.repository(id);
  bomb = treeBomb(directory);
});
afterAll(() => temporary.close());

async function first(items: AsyncIterable<{ place: string }>, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { place } of items) if (found.push(place) === count) break;
  return found;
}

describe('differences of a tree bomb', () => {
  test('come as they are asked for', async () => {
    const folder = 'd0/'.repeat(9);
    expect(await first(repository.differences(undefined, bomb.tree), 3)).toEqual([
      `${folder}f0`,
      `${folder}f1`,
      `${folder}f2`,
    ]);
  });

  test('go on behind any of them', async () => {
    const behind = `${'d9/'.repeat(9)}f7`;
    expect(await first(repository.differences(undefined, bomb.tree, { behind }), 5)).toEqual([
      `${'d9/'.repeat(9)}f8`,
      `${'d9/'.repeat(9)}f9`,
    ]);
  });

  test('are none in any number of folders without files', async () => {
    const { tree } = emptyFolders(directory);
    expect(await first(repository.differences(undefined, tree), 1)).toEqual([]);
  });

  test('end with their caller', async () => {
    const caller = new AbortController();
    const items = repository.differences(undefined, bomb.tree, { signal: caller.signal });
    const read = (async () => {
      for await (const _ of items) caller.abort(new Error('gone'));
    })();
    await expect(read).rejects.toThrow('gone');
  });
});

describe('an archive of a tree bomb', () => {
  const most = { entries: 1000, bytes: 1e6, pathBytes: 1e5 };
  test.each([
    ['more files than it may have', most],
    ['more bytes than it may have', { entries: 1e30, bytes: 1e9, pathBytes: 1e30 }],
    ['longer paths than it may have', { entries: 1e30, bytes: 1e30, pathBytes: 1e9 }],
  ])('is known to be %s before git is asked for it', async (_what, bounds) => {
    await expect(repository.measure(bomb.tree, bounds)).rejects.toThrow(GitLimitError);
  });

  test('is measured as it is', async () => {
    const any = { entries: 1e30, bytes: 1e30, pathBytes: 1e30 };
    const size = await repository.measure(bomb.tree, any);
    expect(size).toMatchObject({ entries: 11_111_111_110, bytes: 1e15 });
  });
});

describe('a git process', () => {
  const runtime = {
    binary: 'git',
    searchPath: process.env.PATH ?? '',
    push: PUSH,
    hooks: '',
    running: new Set<Ending>(),
    slots: {
      ...{ history: new Slots(1), archive: new Slots(1) },
      ...{ maintenance: new Slots(1), merge: new Slots(1), look: new Slots(1) },
    },
  };
  const everything = () => ['diff-tree', '-r', '--root', bomb.commit];

  test('ends where it would take more memory than it may', async () => {
    const bounds = { heapMib: 64, seconds: 60 };
    await expect(runGit(runtime, directory, everything(), { bounds })).rejects.toThrow(
      GitLimitError,
    );
  });

  test('ends when its time is over', async () => {
    const bounds = { heapMib: 4096, seconds: 1 };
    await expect(runGit(runtime, directory, everything(), { bounds })).rejects.toThrow(
      GitLimitError,
    );
  });

  test('ends with its caller', async () => {
    const caller = new AbortController();
    const bounds = { heapMib: 4096, signal: caller.signal };
    const git = startGit(runtime, directory, everything(), { bounds });
    git.process.once('spawn', () => caller.abort());
    expect(await git.closed).toBe(-1);
    expect(() => startGit(runtime, directory, ['version'], { bounds })).toThrow('abort');
  });

  test('ends with its host, read from or not', async () => {
    const other = await temporaryGitHost();
    const id = randomUUID();
    await other.host.create(id);
    const { commit } = treeBomb(join(other.directory, 'repositories', `${id}.git`));
    const archive = await other.host.repository(id).archive(commit);
    const read = buffer(archive);
    read.catch(() => undefined);
    await other.close();
    await expect(read).rejects.toThrow('ended with -1');
  });
});

test('a commit or a folder that is too large to be held is not read', async () => {
  const person = { name: 'Mary', email: 'm@example.com', date: '1700000000 +0000' };
  const changes = Array.from({ length: 36_000 }, (_, i) => ({
    path: `${i}`.padStart(240, 'x'),
    mode: '100644' as const,
    content: Buffer.alloc(0),
  }));
  const write = (message: string, files: typeof changes) =>
    repository.writeCommit({
      ...{ parents: [], author: person, committer: person, message, changes: files },
    });
  const message = 'x'.repeat(2 ** 21);
  expect((await repository.commit(await write(message, [])))?.message).toBe(message);
  await expect(repository.commit(await write('x'.repeat(PUSH.commit), []))).rejects.toThrow(
    GitLimitError,
  );
  const tree = (await repository.commit(await write('large', changes)))?.tree ?? '';
  await expect(repository.tree(tree)).rejects.toThrow(GitLimitError);
  await expect(repository.find(tree, 'a')).rejects.toThrow(GitLimitError);
  await expect(first(repository.differences(undefined, tree), 1)).rejects.toThrow(GitLimitError);
});

test('a history that git cannot look through within its bounds is refused', async () => {
  const path = `${'d0/'.repeat(9)}f0`;
  const found = first(
    (async function* () {
      for await (const one of repository.fileHistory(bomb.commit, path)) yield { place: one.path };
    })(),
    2,
  );
  await expect(found).rejects.toThrow(GitLimitError);
}, 60_000);

test('slots are taken in turn, and given up by who does not wait any more', async () => {
  const slots = new Slots(1);
  const release = await slots.take();
  const gone = new AbortController();
  const second = slots.take(gone.signal);
  const third = slots.take();
  gone.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  release();
  release();
  const last = await third;
  last();
  await (await slots.take())();
});
