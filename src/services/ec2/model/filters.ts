import type { Filter } from '@aws-sdk/client-ec2';
import type { Tags } from '../../../kit/tags.ts';
import { ANY, matchesWildcard, ONE, type Token } from '../../../lib/wildcard.ts';
import { MAX_FILTER_VALUES, MAX_FILTERS } from '../limits.ts';

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
function compile(pattern: string): (text: string) => boolean {
  if (!/[*?\\]/.test(pattern)) return (text) => text === pattern;
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\' && i + 1 < pattern.length) tokens.push(pattern[++i] as string);
    else tokens.push(char === '*' ? ANY : char === '?' ? ONE : char);
  }
  return (text) => matchesWildcard(tokens, text);
}

/** What a list asks of each of its things. */
export type Passes = (facts: Facts, tags?: Tags) => boolean;

/**
 * Reads filters, once for a whole list. Each passes by one of its values.
 * @returns what throws UnknownFilter for a name that the facts have not; undefined for more than a call may say
 */
export function filtersOf(filters: readonly Filter[] = []): Passes | undefined {
  const sum = filters.reduce((all, { Values = [] }) => all + Values.length, 0);
  if (filters.length > MAX_FILTERS || sum > MAX_FILTER_VALUES) return undefined;
  const compiled = filters.map(({ Name = '', Values = [] }) => ({
    ...{ name: Name, patterns: Values.map((value) => compile(value)) },
  }));
  return (facts, tags = new Map()) =>
    compiled
      // All names first: a later one that is unknown is so for all things alike.
      .map(({ name, patterns }) => ({ patterns, has: valuesOf(name, facts, tags) }))
      .every(({ patterns, has }) =>
        patterns.some((matches) => has.some((value) => matches(value))),
      );
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
