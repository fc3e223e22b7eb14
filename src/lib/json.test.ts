import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJson, encodeJson } from './json.ts';

const keys = fc.oneof(
  fc.string(),
  fc.constantFrom('$date', '$bytes', '$escaped', '$$date', '$', '$ref', '__proto__', 'constructor'),
);
const leaves = fc.oneof(
  ...[fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
  fc.date({ noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaves, tie('list'), tie('record')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc
    .array(fc.tuple(keys, tie('value')), { maxLength: 4 })
    .map((entries) => JSON.parse('{}', () => Object.fromEntries(entries))),
})).value;

test('what is written is read, whatever keys and values others choose', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decodeJson(encodeJson(value))).toEqual(value);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [{ $date: 5 }],
  [{ $bytes: 'aGk=' }],
  [{ $escaped: { $date: 5 } }],
  [{ $escaped: Buffer.from('x') }],
  [{ $bytes: Buffer.from('x') }],
  [[{ $date: new Date(5), at: new Date(6) }]],
  [{ a: { $ref: '#/x', $$ref: 1, body: Buffer.from('x') } }],
])('keys that look like marks of ours stay keys: %j', (value) => {
  expect(decodeJson(encodeJson(value))).toEqual(value);
});

test('what earlier releases wrote is read as it was', () => {
  expect(decodeJson('{"at":{"$date":5},"$ref":1,"$$x":2}')).toEqual({
    at: new Date(5),
    $ref: 1,
    $$x: 2,
  });
  expect(encodeJson({ at: new Date(5) })).toBe('{"at":{"$date":5}}');
});
