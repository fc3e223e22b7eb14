import { expect, test } from 'vitest';
import { type Change, decide, type Trigger } from '../model/triggers.ts';
import { decideInTurns } from './in-turns.ts';

test('of a push of many files it is decided in turns, and no otherwise', async () => {
  const push = [{ branches: { includes: ['m*'] }, filePaths: { includes: ['b'] } }];
  const gitConfiguration = { sourceActionName: 'Source', push };
  const its: Trigger = { providerType: 'CodeStarSourceConnection', gitConfiguration };
  const main: Change = { kind: 'branch', name: 'main' };
  const files = Array.from({ length: 1000 }, (_, i) => `a/${i}`);
  let turns = 0;
  const other = setImmediate(() => {
    turns += 1;
  });
  for (const some of [[], files, [...files, 'b'], ['b', ...files]])
    expect(await decideInTurns(its, main, some)).toBe(decide(its, main, some));
  clearImmediate(other);
  expect(turns).toBe(1);
});
