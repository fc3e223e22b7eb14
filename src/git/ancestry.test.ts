import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GitRepository } from './git-host.ts';
import { temporaryGitHost } from './testing.ts';

const person = { name: 'Mary Major', email: 'mary@example.com', date: '1700000000 +0100' };

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let repository: GitRepository;
const commit = (message: string, ...parents: string[]) =>
  repository.writeCommit({ parents, author: person, committer: person, message, changes: [] });

beforeAll(async () => {
  temporary = await temporaryGitHost();
  const id = randomUUID();
  await temporary.host.create(id);
  repository = temporary.host.repository(id);
});
afterAll(() => temporary.close());

test('which of many commits another one contains is one question', async () => {
  const root = await commit('root');
  const [left, right] = [await commit('left', root), await commit('right', root)];
  const [further, stranger] = [await commit('further', left), await commit('stranger')];
  const merge = await commit('merge', left, right);
  const all = [root, left, right, further, stranger, merge];
  expect(await repository.containedIn(merge, all)).toEqual(new Set([root, left, right, merge]));
  expect(await repository.containedIn(root, all)).toEqual(new Set([root]));
  expect(await repository.containedIn(merge, [])).toEqual(new Set());
  await expect(repository.containedIn('1'.repeat(40), [root])).rejects.toThrow(/bad object/);
  await expect(repository.containedIn('--all', [root])).rejects.toThrow('Not an object id');
});
