import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExactNumber, parseExact } from './exact-json.ts';

test.each([
  '{"id":1234567890123456789,"list":[1e400,-1E-400,0.1234567890123456789],"__proto__":{"a":1e2}}',
  '[12345678901234567890]',
])('%s is written again as it was read', (text) => {
  expect(JSON.stringify(parseExact(text))).toBe(text);
});

test('other numbers are those of JavaScript', () => {
  const read = parseExact('{"a":1,"b":0.30000000000000004,"c":1234567890123456789}');
  expect(read).toMatchObject({ a: 1, b: 0.30000000000000004 });
  expect(isExactNumber((read as { c: unknown }).c)).toBe(true);
});

test('what JSON.parse reads it reads, and nothing else', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.parse(JSON.stringify(parseExact(text)))).toEqual(JSON.parse(text));
    }),
  );
  expect(() => parseExact('1e')).toThrow(SyntaxError);
});
