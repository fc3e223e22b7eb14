import { expect, test } from 'vitest';
import {
  checkNewTags,
  resourceTagConditions,
  tagConditions,
  tagsOf,
  withoutTags,
  withTags,
} from './tags.ts';

const rules = {
  most: 2,
  duplicate: (key: string) => new Error(`twice ${key}`),
  reserved: (key: string) => new Error(`reserved ${key}`),
  tooMany: () => new Error('too many'),
};

test.each([
  [[{ key: 'a', value: '1' }], [['a', '1']]],
  [[{ Key: 'a', Value: '1' }], [['a', '1']]],
  [[{ TagKey: 'a', TagValue: '1' }], [['a', '1']]],
  [
    { a: '1', __proto__x: '2' },
    [
      ['a', '1'],
      ['__proto__x', '2'],
    ],
  ],
  [[{ Key: 'a' }, null, 'b', { Value: '2' }], [['a', '']]],
  [undefined, []],
  ['text', []],
])('tags are read in every form of AWS: %j', (given, tags) => {
  expect([...tagsOf(given)]).toEqual(tags);
});

test.each([
  [
    { Tags: [{ Key: 'Env', Value: 'prod' }] },
    { 'aws:requesttag/env': 'prod', 'aws:tagkeys': ['Env'] },
  ],
  [{ tags: { a: 'b' } }, { 'aws:requesttag/a': 'b', 'aws:tagkeys': ['a'] }],
  [{ TagKeys: ['a', 'b'] }, { 'aws:tagkeys': ['a', 'b'] }],
  [{ tagKeys: ['a', 1] }, { 'aws:tagkeys': ['a'] }],
  [{ Tags: [] }, {}],
  [{ Name: 'x' }, {}],
  [undefined, {}],
])('the condition keys of %j', (input, conditions) => {
  expect(tagConditions(input)).toEqual(conditions);
});

test('names of condition keys are in lower case, values as they are', () => {
  expect(resourceTagConditions(new Map([['Env', 'Prod']]))).toEqual({
    'aws:resourcetag/env': 'Prod',
  });
});

test('what a call brings is checked in the words of the service', () => {
  expect(() => checkNewTags([{ Key: 'a' }, { Key: 'b' }], rules)).not.toThrow();
  expect(() => checkNewTags([{ Key: 'a' }, { Key: 'a' }], rules)).toThrow('twice a');
  expect(() => checkNewTags([{ key: 'AWS:x' }], rules)).toThrow('reserved AWS:x');
  expect(() => checkNewTags({ a: '', b: '', c: '' }, rules)).toThrow('too many');
});

test('tags are put over those that are there, up to the most', () => {
  const tags = new Map([['a', '1']]);
  expect([
    ...withTags(
      tags,
      new Map([
        ['a', '2'],
        ['b', ''],
      ]),
      rules,
    ),
  ]).toEqual([
    ['a', '2'],
    ['b', ''],
  ]);
  expect(() =>
    withTags(
      tags,
      new Map([
        ['b', ''],
        ['c', ''],
      ]),
      rules,
    ),
  ).toThrow('too many');
  expect([...withoutTags(tags, ['a', 'x'])]).toEqual([]);
});
