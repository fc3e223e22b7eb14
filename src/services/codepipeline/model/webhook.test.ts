import { expect, test } from 'vitest';
import { matches } from './webhook.ts';

const does = (jsonPath: string, matchEquals: string, body: unknown) =>
  matches([{ jsonPath, matchEquals }], body, () => undefined);

test.each<[string, string, boolean]>([
  ['$.a', '{"b":[1,null]}', true],
  ['$.a', '{"b":[1]}', false],
  ['$.a.b', '[1,null]', true],
  ['$.a.b[0]', '1', true],
  ['$..b', '[1,null]', true],
  ['$.c', '', true],
  ['$.d', '{}', true],
  ['$.d', '[]', false],
])('what %s selects is %s: %s', (path, text, is) => {
  expect(does(path, text, { a: { b: [1, null] }, c: '', d: {} })).toBe(is);
});

test('values within each other, as deep as they come, are compared and not written out', () => {
  const deep = (depth: number, end: string) =>
    JSON.parse(`${'{"a":'.repeat(depth)}${end}${'}'.repeat(depth)}`);
  expect(does('$..a', 'x', deep(20_000, '1'))).toBe(false);
  expect(does('$..a', 'x', deep(20_000, '"x"'))).toBe(true);
  expect(does('$..a', '{"a":1}', deep(20_000, '1'))).toBe(true);
});
