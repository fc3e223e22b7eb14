import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filtersOf, UnknownFilter } from './filters.ts';

const passes = (pattern: string, value: string) =>
  filtersOf([{ Name: 'name', Values: [pattern] }])?.({ name: value });

describe('filters', () => {
  test.each([
    ['web', 'web', true],
    ['web', 'web1', false],
    ['we*', 'web', true],
    ['w?b', 'web', true],
    ['w?b', 'wb', false],
    ['*?', '', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\?', 'a?', true],
    ['a\\\\', 'a\\', true],
    ['a\\', 'a\\', true],
  ])('%s and %s: %s', (pattern, value, expected) => expect(passes(pattern, value)).toBe(expected));

  test('whatever is escaped stands for itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const escaped = text.replaceAll(/[\\*?]/g, '\\$&');
        expect(passes(escaped, text)).toBe(true);
        expect(passes(escaped, other)).toBe(text === other);
      }),
    );
  });

  test('a pattern that is made to be slow is not', () => {
    const begun = performance.now();
    passes('*a'.repeat(100), 'a'.repeat(50_000) + 'b');
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test('one of the values of each; tags by key; what a thing has several of', () => {
    const web = new Map([['Role', 'web']]);
    const both = filtersOf([
      { Name: 'tag:Role', Values: ['db', 'web'] },
      { Name: 'group', Values: ['b'] },
    ]);
    expect(both?.({ group: ['a', 'b'] }, web)).toBe(true);
    expect(both?.({ group: ['a'] }, web)).toBe(false);
    expect(both?.({ group: ['b'] })).toBe(false);
    expect(filtersOf([{ Name: 'tag-key', Values: ['Ro*'] }])?.({}, web)).toBe(true);
    expect(filtersOf(undefined)?.({})).toBe(true);
  });

  test('an unknown name is one behind a filter that nothing passes too', () => {
    const filters = [{ Name: 'group', Values: [] }, { Name: '__proto__' }];
    expect(() => filtersOf(filters)?.({ group: 'a' })).toThrow(UnknownFilter);
  });

  test('no more than 50 with 200 values', () => {
    const many = (count: number) => Array.from({ length: count }, () => 'x');
    expect(filtersOf(many(51).map((Name) => ({ Name })))).toBeUndefined();
    expect(filtersOf([{ Name: 'a', Values: many(201) }])).toBeUndefined();
    expect(filtersOf([{ Name: 'a', Values: many(200) }])).toBeDefined();
  });
});
