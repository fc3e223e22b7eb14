import type { Conditions } from '../aws/principal.ts';

/** Tags by key. A map, since keys are whatever people choose. */
export type Tags = ReadonlyMap<string, string>;

/** One tag in any of the forms that AWS's APIs have: `key`, `Key` or `TagKey` with its value. */
interface AnyTag {
  key?: unknown;
  Key?: unknown;
  TagKey?: unknown;
  value?: unknown;
  Value?: unknown;
  TagValue?: unknown;
}

/** Reads tags in any of AWS's forms: a list of pairs or an object. What is neither has none. */
export function tagsOf(given: unknown): Tags {
  const tags = new Map<string, string>();
  if (typeof given !== 'object' || given === null) return tags;
  if (!Array.isArray(given)) {
    for (const [key, value] of Object.entries(given)) tags.set(key, String(value ?? ''));
    return tags;
  }
  for (const tag of given as (AnyTag | string | null)[]) {
    if (typeof tag !== 'object' || tag === null) continue;
    const key = tag.key ?? tag.Key ?? tag.TagKey;
    if (typeof key === 'string')
      tags.set(key, String(tag.value ?? tag.Value ?? tag.TagValue ?? ''));
  }
  return tags;
}

/** The members in which operations take tags, and those in which they take keys to remove. */
const TAG_MEMBERS = ['tags', 'Tags'];
const KEY_MEMBERS = ['tagKeys', 'TagKeys'];

/** `aws:RequestTag/…` and `aws:TagKeys` of a call that brings tags or names their keys. */
export function tagConditions(input: unknown): Conditions {
  if (typeof input !== 'object' || input === null) return {};
  const members = input as Record<string, unknown>;
  const tags = TAG_MEMBERS.map((name) => members[name]).find((value) => value !== undefined);
  const removed = KEY_MEMBERS.map((name) => members[name]).find(Array.isArray) as
    | unknown[]
    | undefined;
  if (tags === undefined && removed === undefined) return {};
  const requested = tagsOf(tags);
  const keys = removed ? removed.filter((key) => typeof key === 'string') : [...requested.keys()];
  const conditions: Conditions = conditionsNamed('aws:requesttag', requested);
  if (keys.length > 0) conditions['aws:tagkeys'] = keys;
  return conditions;
}

/** `aws:ResourceTag/…` of what a call works on. */
export function resourceTagConditions(tags: Tags): Record<string, string> {
  return conditionsNamed('aws:resourcetag', tags);
}

/** Names of condition keys are compared in lower case, those of tags in them too. */
function conditionsNamed(prefix: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(
    [...tags].map(([key, value]) => [`${prefix}/${key.toLowerCase()}`, value]),
  );
}

/** What a service allows of tags, and how it refuses. */
export interface TagRules {
  /** How many a resource may have. */
  most: number;
  /** The service's own errors. */
  duplicate?: (key: string) => Error;
  reserved: (key: string) => Error;
  tooMany: () => Error;
}

/** Keys that only AWS itself gives, in whatever case. */
export const isReservedTag = (key: string): boolean => key.toLowerCase().startsWith('aws:');

/** Tags as a call brings them. */
export type GivenTags = readonly AnyTag[] | Record<string, string>;

/** Checks the tags that one call brings. @throws the service's own errors */
export function checkNewTags(given: GivenTags, rules: TagRules): void {
  const keys = Array.isArray(given)
    ? given.map((tag: AnyTag) => String(tag.key ?? tag.Key ?? tag.TagKey ?? ''))
    : Object.keys(given);
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key) && rules.duplicate) throw rules.duplicate(key);
    seen.add(key);
    if (isReservedTag(key)) throw rules.reserved(key);
  }
  if (seen.size > rules.most) throw rules.tooMany();
}

/** What a resource has once `added` is there too: AWS's own do not count. @throws the service's error when these are too many */
export function withTags(tags: Tags, added: Tags, rules: TagRules): Tags {
  const all = new Map([...tags, ...added]);
  const own = [...all.keys()].filter((key) => !isReservedTag(key));
  if (own.length > rules.most) throw rules.tooMany();
  return all;
}

/** What a resource has without those keys. */
export function withoutTags(tags: Tags, removed: readonly string[]): Tags {
  const gone = new Set(removed);
  return new Map([...tags].filter(([key]) => !gone.has(key)));
}
