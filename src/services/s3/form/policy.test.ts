import { describe, expect, test } from 'vitest';
import { checkPostPolicy, parsePostPolicy } from './policy.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const LATER = '2026-01-01T01:00:00.000Z';

const encoded = (document: unknown) =>
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)).toString(
    'base64',
  );

function check(conditions: unknown[], fields: Record<string, string>, expiration = LATER) {
  const policy = parsePostPolicy(encoded({ expiration, conditions }));
  return checkPostPolicy(policy, new Map(Object.entries(fields)), NOW);
}

const form = { bucket: 'b', key: 'user/eric/a.png' };
const named = [{ bucket: 'b' }, ['starts-with', '$key', 'user/']];

test('a form that is what its policy says', () => {
  const conditions = [
    ...named,
    { acl: 'private' },
    ['eq', '$x-amz-meta-UUID', '1'],
    ['starts-with', '$Content-Type', 'image/'],
    ['starts-with', '$x-amz-meta-tag', ''],
    ['content-length-range', 1, 10],
  ];
  const fields = {
    ...form,
    acl: 'private',
    'x-amz-meta-uuid': '1',
    'content-type': 'image/png, image/jpeg',
    'x-amz-signature': 's',
    policy: 'p',
    'x-ignore-this': 'x',
  };
  expect(check(conditions, fields)).toEqual({ least: 1, most: 10 });
});

test('of several ranges all hold', () => {
  const ranges = [
    ['content-length-range', 0, 10],
    ['content-length-range', '5', '20'],
  ];
  expect(check([...named, ...ranges], form)).toEqual({ least: 5, most: 10 });
});

describe('a form that is not', () => {
  const failed = 'Invalid according to Policy: Policy Condition failed: ';
  test.each([
    ['another bucket', [{ bucket: 'c' }, named[1]], form, `${failed}["eq", "$bucket", "c"]`],
    ['another key', named, { ...form, key: 'users' }, `${failed}["starts-with", "$key", "user/"]`],
    [
      'a field that is missing',
      [...named, { acl: 'private' }],
      form,
      `${failed}["eq", "$acl", "private"]`,
    ],
    [
      'one type of two',
      [...named, ['starts-with', '$Content-Type', 'image/']],
      { ...form, 'content-type': 'image/png,text/html' },
      failed,
    ],
    [
      'a field that nobody spoke of',
      named,
      { ...form, 'x-amz-meta-a': 'x' },
      'Invalid according to Policy: Extra input fields: x-amz-meta-a',
    ],
    [
      'a bucket that nobody spoke of',
      [named[1]],
      form,
      'Invalid according to Policy: Extra input fields: bucket',
    ],
  ])('%s', (_what, conditions, fields, message) => {
    expect(() => check(conditions, fields)).toThrow(
      expect.objectContaining({
        code: 'AccessDenied',
        status: 403,
        message: expect.stringContaining(message),
      }),
    );
  });

  test('too late', () => {
    expect(() => check(named, form, '2026-01-01T00:00:00Z')).toThrow(
      'Invalid according to Policy: Policy expired.',
    );
  });
});

test.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['null', 'null'],
  ['no expiration', { conditions: [] }],
  ['a day that there is not', { expiration: '2026-13-01T00:00:00Z', conditions: [] }],
  ['a time without a zone', { expiration: '2026-01-01', conditions: [] }],
  ['no conditions', { expiration: LATER }],
  ['conditions that are no list', { expiration: LATER, conditions: {} }],
  ['an object of two', { expiration: LATER, conditions: [{ a: '1', b: '2' }] }],
  ['an object of none', { expiration: LATER, conditions: [{}] }],
  ['a number', { expiration: LATER, conditions: [1] }],
  ['null as a condition', { expiration: LATER, conditions: [null] }],
  ['a value that is no text', { expiration: LATER, conditions: [{ a: {} }] }],
  [
    'an operation that there is not',
    { expiration: LATER, conditions: [['ends-with', '$key', 'x']] },
  ],
  ['a field without its sign', { expiration: LATER, conditions: [['eq', 'key', 'x']] }],
  ['a range of words', { expiration: LATER, conditions: [['content-length-range', 'a', 'b']] }],
  ['a range below nothing', { expiration: LATER, conditions: [['content-length-range', -1, 5]] }],
])('a policy with %s is none', (_what, document) => {
  expect(() => parsePostPolicy(encoded(document))).toThrow(
    expect.objectContaining({ code: 'InvalidPolicyDocument', status: 400 }),
  );
});
