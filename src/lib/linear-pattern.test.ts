import { expect, test } from 'vitest';
import { compileLinear, writtenOut } from './linear-pattern.ts';

test.each([
  ['abc', 3],
  ['a{3}', 3],
  ['a{2,5}b', 6],
  ['(?:ab){10}', 20],
  ['(a[b-z]\\d){10,20}x', 61],
  ['((?:ab){3}c){2}', 14],
  ['\\p{L}{1000}', 1000],
  ['[\\]{}()]{7}', 7],
  ['a*b+c?', 3],
  ['a{1000}'.repeat(146), 146_000],
  [`(?:${'a'.repeat(1000)}){1000}`, 1_000_000],
])('%s has %d characters, written out', (source, size) => {
  expect(writtenOut(source)).toBe(size);
});

test.each([['^[a-z]{1,100}$'], ['^(?:a|bc{3}|d?){20}$'], ['^(?:(?:ab){3}c*){2}$']])(
  'the automaton of %s is no smaller',
  (source) => {
    expect(compileLinear(source).size).toBeGreaterThanOrEqual(writtenOut(source));
  },
);

test('what would be too large is refused before an automaton is made of it', () => {
  expect(() => compileLinear(`(?:${'a'.repeat(60)}){1000}`.repeat(10), 8500)).toThrow('too large');
});
