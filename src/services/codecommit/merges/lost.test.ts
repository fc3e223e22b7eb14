import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GitRepository } from '../../../git/git-host.ts';
import { temporaryGitHost } from '../../../git/testing.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type { OpenRepository } from '../resources/repository.ts';
import { makeMerge } from './merge.ts';
import { checkMergeSettings } from './request.ts';

/** What a merge has made is thrown away before it is durable, as it is when memory runs out. */

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let git: GitRepository;
let destination: string;
let source: string;
let objects: string;

beforeAll(async () => {
  temporary = await temporaryGitHost();
  const id = randomUUID();
  await temporary.host.create(id);
  git = temporary.host.repository(id);
  objects = join(temporary.directory, 'repositories', `${id}.git`, 'objects');
  const person = { name: 'Mary Major', email: 'mary@example.com', date: '1 +0000' };
  const commit = (parents: string[], lines: string[]) =>
    git.writeCommit({
      ...{ parents, author: person, committer: person, message: 'x' },
      changes: [{ path: 'f', mode: '100644', content: Buffer.from(lines.join('\n')) }],
    });
  const lines = Array.from({ length: 12 }, (_, i) => `line ${i}`);
  const base = await commit([], lines);
  destination = await commit([base], lines.with(1, 'ours'));
  source = await commit([base], lines.with(10, 'theirs'));
});
afterAll(() => temporary.close());

/** The repository, but that the trees of the first `times` merges are gone when somebody looks for them. */
function losing(times: number): GitRepository {
  let left = times;
  const mergeTrees: GitRepository['mergeTrees'] = async (what) => {
    const merged = await git.mergeTrees(what);
    if (left-- > 0) await rm(join(objects, merged.tree.slice(0, 2), merged.tree.slice(2)));
    return merged;
  };
  return new Proxy(git, {
    get: (target, name) => {
      const value = name === 'mergeTrees' ? mergeTrees : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const merge = (times: number, settings: Parameters<typeof checkMergeSettings>[0]) =>
  makeMerge(
    {
      signal: new AbortController().signal,
      clock: { now: () => new Date(1000) },
      principal: { arn: 'arn:aws:iam::000000000000:root' },
    } as unknown as ServiceContext,
    {
      repository: { git: losing(times) } as unknown as OpenRepository,
      ...{ option: 'THREE_WAY_MERGE', source, destination, settings: checkMergeSettings(settings) },
      names: { source: 'feature', destination: 'main' },
    },
  );

const ways: [string, Parameters<typeof checkMergeSettings>[0]][] = [
  ['before it is in a commit', { conflictDetailLevel: 'LINE_LEVEL' }],
  [
    'before a file of it is looked at',
    {
      conflictResolutionStrategy: 'AUTOMERGE',
      conflictResolution: { setFileModes: [{ filePath: 'f', fileMode: 'EXECUTABLE' }] },
    },
  ],
];

test.each(ways)('a merged tree that is lost %s is made again', async (_, settings) => {
  const { commitId, treeId } = await merge(1, settings);
  expect(await git.commit(commitId)).toMatchObject({
    tree: treeId,
    parents: [destination, source],
  });
});

test.each(ways)(
  'a merged tree that is lost %s each time fails, and is not tried for ever',
  async (_, settings) => {
    await expect(merge(Number.POSITIVE_INFINITY, settings)).rejects.toThrow(
      'What was merged is gone',
    );
  },
);
