import { expect, it } from 'vitest';
import { runWithin, TookTooLong } from './run-within.ts';

it('returns what the work returns and throws what it throws', () => {
  expect(runWithin(1000, () => [1, 'a'])).toEqual([1, 'a']);
  const failure = new TypeError('mine');
  expect(() =>
    runWithin(1000, () => {
      throw failure;
    }),
  ).toThrow(failure);
});

it('ends work that has no end, also inside a regular expression', () => {
  expect(() => runWithin(50, () => /^(a+)+$/.test(`${'a'.repeat(60)}!`))).toThrow(TookTooLong);
  expect(() =>
    runWithin(50, () => {
      for (;;);
    }),
  ).toThrow(TookTooLong);
});
