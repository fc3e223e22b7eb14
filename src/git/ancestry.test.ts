import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meetings } from './ancestry.ts';
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

test('the merge bases of many commits with another one are what git says of each pair', async () => {
  const root = await commit('the root');
  const main = [root];
  for (let i = 0; i < 4; i++) main.push(await commit(`main ${i}`, main.at(-1) ?? ''));
  const tip = main.at(-1) ?? '';
  const early = await commit('early', main[1] ?? '');
  const late = await commit('late', await commit('before it', main[3] ?? ''));
  const updated = await commit('updated', early, main[2] ?? '');
  const crossed = await commit('crossed', await commit('one', early), await commit('other', late));
  const others = [early, late, updated, crossed, main[2] ?? '', tip, await commit('a stranger')];
  const found = await repository.mergeBases(tip, [...others, ...others]);
  expect(found.size).toBe(others.length);
  for (const other of others)
    expect([other, found.get(other)]).toEqual([other, await repository.mergeBase(tip, other)]);
  expect(await repository.mergeBases(tip, [])).toEqual(new Map());
  await expect(repository.mergeBases(tip, ['1'.repeat(40)])).rejects.toThrow(/bad object/);
  await expect(repository.mergeBases(tip, ['--all'])).rejects.toThrow('Not an object id');
});

test('where ways out of a history meet it again', () => {
  const lines = ['e c d', 'd b x', 'c b', 'b m1', 'f m2 m1', 'g h', 'h', ''];
  expect(Object.fromEntries(meetings(lines))).toEqual({
    ...{ b: { at: 'm1' }, c: { at: 'm1' }, d: 'several', e: 'several', f: 'several' },
    ...{ g: 'nowhere', h: 'nowhere' },
  });
});
