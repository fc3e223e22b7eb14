import { AwsError } from '../../../aws/errors.ts';
import { isReservedTag } from '../../../kit/tags.ts';
import { quota } from '../errors.ts';
import { TAGS } from '../limits.ts';

interface Tag {
  Key: string;
  Value: string;
}

export interface GivenTag {
  Key?: string;
  Value?: string;
}

/** The tags with `given` added or replaced; keys are the same whatever their case. @throws LimitExceededException */
export function mergeTags(tags: Tag[], given: GivenTag[] = []): Tag[] {
  const merged = new Map(tags.map((tag) => [tag.Key.toLowerCase(), tag]));
  const seen = new Set<string>();
  const reserved = given.find(({ Key = '' }) => isReservedTag(Key));
  if (reserved)
    throw new AwsError('InvalidInput', 'Tag keys that begin with aws: are for AWS to use.');
  for (const { Key = '', Value = '' } of given) {
    const key = Key.toLowerCase();
    if (seen.has(key))
      throw new AwsError(
        'InvalidInput',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    seen.add(key);
    merged.set(key, { Key, Value });
  }
  if (merged.size > TAGS) throw quota('TagsPerResource', TAGS);
  return [...merged.values()];
}

export function withoutTags(tags: Tag[], keys: string[] = []): Tag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter((tag) => !gone.has(tag.Key.toLowerCase()));
}
