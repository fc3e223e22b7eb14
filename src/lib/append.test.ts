import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { append, greatest, least } from './append.ts';

test('more is added than a call has arguments', () => {
  const list = [1];
  append(list, new Array<number>(1_000_000).fill(2));
  expect(list).toHaveLength(1_000_001);
  expect(least(list)).toBe(1);
  expect(greatest(list)).toBe(2);
  expect([least([]), greatest([])]).toEqual([undefined, undefined]);
});

/** `push(...items)` and the like throw a RangeError once others make the list long. */
test('no list becomes the arguments of a call', () => {
  const source = join(import.meta.dirname, '..');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/(^|[./])test(ing)?\.ts$/.test(name),
  );
  expect(files.length).toBeGreaterThan(300);
  const spread = /(?:\.push|\.unshift|Math\.min|Math\.max)\((?:[^(){}[\]]*,)?\s*\.\.\./;
  const found = files.filter((name) => spread.test(readFileSync(join(source, name), 'utf8')));
  expect(found).toEqual([]);
});
