import { expect, test } from 'vitest';
import { differing, flakyText } from './flaky.ts';

const of = (name: string, status: string) => ({
  testSuiteName: 'unit',
  prefix: 'unit',
  name,
  status,
});

test('a test is flaky that passes here and fails there; one that is skipped, or is new, is not', () => {
  const own = [
    of('a', 'FAILED'),
    of('b', 'SUCCEEDED'),
    of('c', 'SKIPPED'),
    of('new', 'FAILED'),
    of('same', 'FAILED'),
  ];
  const theirs = [
    of('a', 'SUCCEEDED'),
    of('b', 'ERROR'),
    of('c', 'SUCCEEDED'),
    of('same', 'FAILED'),
  ];
  expect(differing(own, theirs)).toEqual([
    { test: 'unit a', status: 'FAILED', other: 'SUCCEEDED' },
    { test: 'unit b', status: 'SUCCEEDED', other: 'ERROR' },
  ]);
});

test('what is said of it', () => {
  const flaky = { test: 'unit a', status: 'FAILED', other: 'SUCCEEDED', build: 'app:1' };
  expect(flakyText(flaky)).toBe('unit a: FAILED, and SUCCEEDED in app:1 of the same commit');
});
