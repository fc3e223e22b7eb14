import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromPostgres, toPostgres } from './postgres-text.ts';

const texts = fc.string({
  unit: fc.oneof(fc.constantFrom('\0', '\uFDD0', '0', '1'), fc.string({ unit: 'binary' })),
});

it('gives every text back as it was, without U+0000 on its way', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const stored = toPostgres(text) as string;
      expect(stored).not.toContain('\0');
      expect(fromPostgres(stored)).toBe(text);
    }),
  );
});

it('keeps different texts different', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(toPostgres(a) === toPostgres(b)).toBe(a === b);
    }),
  );
});

it.each([[1], [null], [undefined], [true], ['plain text ✓']])('leaves %s alone', (value) => {
  expect(toPostgres(value)).toBe(value);
});
