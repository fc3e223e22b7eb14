import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunks } from './chunks.ts';

test('all of a list, in order, in parts that are not too large', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
      const parts = chunks(items, size);
      expect(parts.flat()).toEqual(items);
      expect(parts.every(({ length }) => length > 0 && length <= size)).toBe(true);
    }),
  );
});
