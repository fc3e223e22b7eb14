import { expect, it } from 'vitest';
import { entryOf, type Located, placeOf, pointerOf, readLocated, scalarValue } from './located.ts';

it.each([
  ['{"a": {"b": [1, {"c": null}]}}', '1:1 1:2 1:8 1:14 1:18'],
  ['a:\n  b:\n    - 1\n    - c: x\n', '1:1 1:1 2:3 3:7 4:7'],
])('each part has its place: %j', (text, places) => {
  const root = readLocated(text);
  const paths = [[], ['a'], ['a', 'b'], ['a', 'b', 0], ['a', 'b', 1, 'c']];
  const found = paths.map((path) => placeOf(root, path));
  expect(found.map(({ line, column }) => `${line}:${column}`).join(' ')).toBe(places);
});

it('of what is not there, the place is that of the part that is', () => {
  expect(placeOf(readLocated('a:\n  b: 1\n'), ['a', 'x', 0, 'y'])).toEqual({ line: 1, column: 1 });
});

const scalar = (text: string) => {
  const node = entryOf(readLocated(text), 'a')?.value as Located & { kind: 'scalar' };
  return scalarValue(node);
};

it.each([
  ['a: 1', 1],
  ['a: "1"', '1'],
  ['a: 1.5', 1.5],
  ['a: yes', true],
  ['a: Off', false],
  ['a: ~', null],
  ['a:', null],
  ['a: null', null],
  ['a: "null"', 'null'],
  ['a: 1.2.3', '1.2.3'],
  ['{"a": true}', true],
  ['a: |\n  1\n', '1\n'],
])('%s', (text, value) => {
  expect(scalar(text)).toBe(value);
});

it('tags, anchors and merged keys are read', () => {
  const root = readLocated('x: &x {a: 1}\ny:\n  <<: *x\n  b: !Ref z\n');
  const y = entryOf(root, 'y')?.value;
  expect(entryOf(y, 'a')?.at).toEqual({ line: 1, column: 8 });
  expect(entryOf(y, 'b')?.value).toMatchObject({ tag: '!Ref', text: 'z' });
});

it('a key that is there twice counts the last time, and those of every object are no key', () => {
  const root = readLocated('a: 1\na: 2\n__proto__: 3\n');
  expect(entryOf(root, 'a')?.value).toMatchObject({ text: '2' });
  expect(entryOf(root, 'toString')).toBeUndefined();
});

it.each([
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{"a": ', 1, 7],
  ['a: [\n', 2, 1],
])('what is no JSON and no YAML: %j', (text, line, column) => {
  expect(() => readLocated(text)).toThrow(expect.objectContaining({ at: { line, column } }));
});

it('a byte order mark is no part of the text', () => {
  expect(entryOf(readLocated('\uFEFF{"a": 1}'), 'a')?.value).toMatchObject({ text: '1' });
});

it('pointers escape what JSON pointers do', () => {
  expect(pointerOf(['a/b', 0, '~'])).toBe('/a~1b/0/~0');
});
