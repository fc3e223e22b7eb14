import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { parseJsonPath, select } from './json-path.ts';

const push = {
  ref: 'refs/heads/main',
  'head commit': { id: 'a1' },
  commits: [
    { id: 'a1', added: ['x.ts', 'y.ts'] },
    { id: 'b2', added: [] },
  ],
  repository: { owner: { id: 7 }, private: false, none: null },
};

describe('JSON paths (CP-C46)', () => {
  test.each([
    ['$', [push]],
    ['$.ref', ['refs/heads/main']],
    ['ref', ['refs/heads/main']],
    ["$['ref']", ['refs/heads/main']],
    ['$["head commit"].id', ['a1']],
    ['$.commits[0].id', ['a1']],
    ['$.commits[-1].id', ['b2']],
    ['$.commits[9].id', []],
    ['$.commits[*].id', ['a1', 'b2']],
    ['$.commits.*.id', ['a1', 'b2']],
    ['$.commits[0].added[*]', ['x.ts', 'y.ts']],
    ['$..id', [7, 'a1', 'b2']],
    ['$..owner.id', [7]],
    ['$..[0]', [push.commits[0], 'x.ts']],
    ['$.repository.private', [false]],
    ['$.repository.none', [null]],
    ['$.toString', []],
    ['$.__proto__', []],
    ['$.ref.length', []],
    ['$.commits.length', []],
  ])('%s', (text, found) => {
    const path = parseJsonPath(text);
    if (!path || 'notBuilt' in path) throw new Error(`${text} is no path`);
    const values = select(path, push);
    expect(values).toHaveLength(found.length);
    expect(values).toEqual(expect.arrayContaining(found as unknown[]));
  });

  test.each([
    '$.',
    '$..',
    '$[',
    '$[]',
    "$['",
    '$.a b',
    '$.a]',
    '$a',
    '$.a..',
    '$...a',
    '$.a[x]',
    '{',
  ])('%s is none', (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });

  test.each([
    ['$.commits[?(@.id)]', '[?(@.id)]'],
    ['$.commits[0:1]', '[0:1]'],
    ['$.commits[0,1]', '[0,1]'],
    ["$['a','b']", "['a','b']"],
    ['$.commits.length()', '.length()'],
  ])('%s is not built', (text, notBuilt) => {
    expect(parseJsonPath(text)).toEqual({ notBuilt });
  });

  test('what would take long is not looked at to its end', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep, deep];
    const path = parseJsonPath('$..*..*..*..*..*..*..*..*..a') as never;
    const taken = cpuTime();
    expect(select(path, deep)).toEqual([]);
    const wide = Array.from({ length: 1_000_000 }, (_, i) => ({ i }));
    expect(select(path, wide)).toEqual([]);
    expect(taken()).toBeLessThan(5_000);
  });
});
