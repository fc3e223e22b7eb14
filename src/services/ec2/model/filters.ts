import type { Filter } from '@aws-sdk/client-ec2';
import type { Tags } from '../../../kit/tags.ts';
import { compileWildcard } from '../../../lib/wildcard.ts';

/** What a filter of a name is compared with: all values that the thing has of it. */
export type Facts = Record<string, string | undefined | readonly (string | undefined)[]>;

/** A filter that a list does not have. */
export class UnknownFilter extends Error {
  readonly filter: string;
  constructor(filter: string) {
    super(filter);
    this.filter = filter;
  }
}

/** `*` and `?` in the values of filters. A backslash takes their meaning. */
function matches(pattern: string, value: string): boolean {
  if (!/[*?\\]/.test(pattern)) return pattern === value;
  // `?` is one character: tried for each place, as values of filters are short.
  const parts = pattern.split('?');
  if (parts.length === 1) return compileWildcard(pattern)(value);
  if (value.length > 500 || pattern.length > 200) return false;
  return stepwise(pattern, value);
}

/** By the set of places in the pattern that the text read so far can have come to: linear in each. */
function stepwise(pattern: string, value: string): boolean {
  let at = closed(pattern, new Set([0]));
  for (const char of value) {
    const next = new Set<number>();
    for (const place of at) {
      if (pattern[place] === '*') next.add(place);
      else if (pattern[place] === '?' || pattern[place] === char) next.add(place + 1);
    }
    at = closed(pattern, next);
  }
  return at.has(pattern.length);
}

function closed(pattern: string, places: Set<number>): Set<number> {
  for (const place of places) if (pattern[place] === '*') places.add(place + 1);
  return places;
}

/**
 * Does what has these facts pass all filters? Each passes by one of its values.
 * @throws UnknownFilter
 */
export function passes(
  filters: readonly Filter[] | undefined,
  facts: Facts,
  tags: Tags = new Map(),
): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    const has = valuesOf(Name, facts, tags);
    return Values.some((pattern) => has.some((value) => matches(pattern, value)));
  });
}

function valuesOf(name: string, facts: Facts, tags: Tags): string[] {
  if (name.startsWith('tag:')) {
    const value = tags.get(name.slice(4));
    return value === undefined ? [] : [value];
  }
  if (name === 'tag-key') return [...tags.keys()];
  if (name === 'tag-value') return [...tags.values()];
  if (!Object.hasOwn(facts, name)) throw new UnknownFilter(name);
  return [facts[name]].flat().filter((value) => value !== undefined);
}
