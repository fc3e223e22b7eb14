import type { EC2TagFilter, TagFilter } from '@aws-sdk/client-codedeploy';

export interface InstanceTag {
  key: string;
  value: string;
}

/** Does one filter match one of the tags? Keys and values are case-sensitive (CD-DGF-01). */
function matchesFilter(tags: InstanceTag[], filter: TagFilter | EC2TagFilter): boolean {
  const { Key, Value, Type } = filter;
  return tags.some((tag) => {
    if (Type === 'KEY_ONLY') return tag.key === Key;
    if (Type === 'VALUE_ONLY') return tag.value === Value;
    return tag.key === Key && tag.value === Value;
  });
}

/** A list of filters: one has to match. */
export function matchesAny(tags: InstanceTag[], filters: TagFilter[]): boolean {
  return filters.some((filter) => matchesFilter(tags, filter));
}

/** Does a group choose an instance with these tags? `sets`: one filter of each set has to match. */
export function isChosen(
  tags: InstanceTag[],
  choice: { filters?: TagFilter[]; sets?: TagFilter[][] },
): boolean {
  if (choice.sets?.length) return choice.sets.every((set) => matchesAny(tags, set));
  return matchesAny(tags, choice.filters ?? []);
}
