import { expect, test } from 'vitest';
import { compileFilter, filterOf } from './filter.ts';

const text = (value: string) => ({ type: 'String', value });
const number = (value: string) => ({ type: 'Number', value });
const list = (value: string) => ({ type: 'String.Array', value });

// https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html and string-value-matching.html
const ATTRIBUTES = {
  store: text('example_corp'),
  event: text('order_placed'),
  interests: list('["soccer","rugby","hockey"]'),
  price: number('100'),
  ip: text('10.0.0.255'),
  bytes: { type: 'Binary', value: 'AAE=' },
  flags: list('[true,null,5]'),
};

test.each<[object, boolean]>([
  [{ store: ['example_corp'] }, true],
  [{ store: ['other', 'example_corp'] }, true],
  [{ store: ['Example_Corp'] }, false],
  [{ interests: ['rugby', 'tennis'] }, true],
  [{ interests: ['tennis'] }, false],
  [{ store: ['example_corp'], interests: ['tennis'] }, false],
  [{ event: [{ 'anything-but': ['order_cancelled'] }] }, true],
  [{ event: [{ 'anything-but': ['order_placed'] }] }, false],
  [{ event: [{ 'anything-but': { prefix: 'order-' } }] }, true],
  [{ event: [{ prefix: 'order' }] }, true],
  [{ event: [{ suffix: 'placed' }] }, true],
  [{ event: [{ 'equals-ignore-case': 'ORDER_PLACED' }] }, true],
  [{ event: [{ wildcard: 'order*d' }] }, true],
  [{ ip: [{ cidr: '10.0.0.0/24' }] }, true],
  [{ ip: [{ cidr: '10.0.1.0/24' }] }, false],
  [{ price: [100] }, true],
  [{ price: ['100'] }, false],
  [{ price: [{ numeric: ['>', 0, '<=', 150] }] }, true],
  [{ price: [{ numeric: ['>', 100] }] }, false],
  [{ store: [{ exists: true }] }, true],
  [{ missing: [{ exists: false }] }, true],
  [{ missing: [{ exists: true }] }, false],
  [{ bytes: [{ exists: true }] }, false],
  [{ flags: [true] }, true],
  [{ flags: [null] }, true],
  [{ flags: [5] }, true],
  [{ $or: [{ store: ['other'] }, { price: [100] }] }, true],
  [{ $or: [{ store: ['other'] }, { price: [1] }] }, false],
])('%j of attributes: %s', (policy, expected) => {
  expect(compileFilter(JSON.stringify(policy))({ message: '', attributes: ATTRIBUTES })).toBe(
    expected,
  );
});

test.each<[object, unknown, boolean]>([
  [{ a: { b: ['c'] } }, { a: { b: 'c' } }, true],
  [{ a: { b: ['c'] } }, { a: [{ b: 'x' }, { b: 'c' }] }, true],
  [{ a: { b: ['c'] } }, { a: 'c' }, false],
  [{ a: ['c'] }, ['a'], false],
])('%j of the body %j: %s', (policy, body, expected) => {
  const filter = compileFilter(JSON.stringify(policy), 'MessageBody');
  expect(filter({ message: JSON.stringify(body) })).toBe(expected);
});

const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, ['x']]));
const values = (count: number) => Array.from({ length: count }, (_, n) => `v${n}`);

test('at most five keys, and 150 combinations, of which deeper ones count more', () => {
  const take = (policy: object) => compileFilter(JSON.stringify(policy), 'MessageBody');
  take(keys(5));
  expect(() => take(keys(6))).toThrow('5 keys');
  take({ a: values(10), b: values(15) });
  expect(() => take({ a: values(10), b: values(16) })).toThrow('too complex');
  // AWS's example: three keys at levels 3, 2 and 1 are 3 x 2 x 1 times as many.
  expect(() => take({ a: { b: { c: values(51) } } })).toThrow('too complex');
  take({ a: { b: { c: values(50) } } });
});

test('alternatives count by what is in them', () => {
  const or =
    (...alternatives: object[]) =>
    () =>
      compileFilter(JSON.stringify({ $or: alternatives }));
  or({ a: values(75) }, { b: values(75) })();
  expect(or({ a: values(75) }, { b: values(76) })).toThrow('too complex');
  expect(or(keys(3), keys(3))).toThrow('5 keys');
});

test('policies on attributes are not nested, and none is deeper than can be walked through', () => {
  expect(() => compileFilter('{"a":{"b":["c"]}}')).toThrow('does not support nested');
  const deep = `${'{"a":'.repeat(20_000)}["b"]${'}'.repeat(20_000)}`;
  expect(() => compileFilter(deep, 'MessageBody')).toThrow(/^Invalid parameter: FilterPolicy: /);
});

test.each(['{', '[]', '3', 'null', '{"a":"b"}', '{"a":[{"no-such":1}]}', '{"a":[]}'])(
  '%s is no policy',
  (policy) => {
    expect(() => compileFilter(policy)).toThrow(/^Invalid parameter: FilterPolicy: /);
  },
);

test('the policy of a subscription is compiled once, for what it is asked about', () => {
  const FilterPolicy = '{"store":["a"]}';
  const ofAttributes = filterOf({ FilterPolicy });
  const ofBody = filterOf({ FilterPolicy, FilterPolicyScope: 'MessageBody' });
  expect(filterOf({ FilterPolicy, FilterPolicyScope: 'MessageAttributes' })).toBe(ofAttributes);
  expect(filterOf({ FilterPolicy, FilterPolicyScope: 'MessageBody' })).toBe(ofBody);
  expect(ofAttributes({ message: '{}', attributes: { store: text('a') } })).toBe(true);
  expect(ofBody({ message: '{"store":"a"}' })).toBe(true);
  expect(ofBody({ message: '{}', attributes: { store: text('a') } })).toBe(false);
  expect(filterOf({})({ message: '' })).toBe(true);
});
