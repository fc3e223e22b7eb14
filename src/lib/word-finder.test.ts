import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeWordFinder } from './word-finder.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '💥'), maxLength: 40 });
const words = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', '💥'), minLength: 1, maxLength: 6 }),
  { maxLength: 12 },
);

test('finds the words that a text includes, each once', () => {
  fc.assert(
    fc.property(words, text, (list, message) => {
      const found: number[] = [];
      makeWordFinder(list).search(message, (word) => {
        found.push(word);
        return false;
      });
      const included = list.flatMap((word, index) => (message.includes(word) ? [index] : []));
      expect(found.sort((a, b) => a - b)).toEqual(included);
    }),
  );
});

test('stops when enough is found', () => {
  const found: number[] = [];
  makeWordFinder(['a', 'b']).search('xaxb', (word) => found.push(word) > 0);
  expect(found).toEqual([0]);
});
