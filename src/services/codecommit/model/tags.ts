import { invalidSystemTagUsage, invalidTagsMap, tooManyTags } from '../errors.ts';
import { limits } from '../limits.ts';

/** CC-LIM-07. @throws InvalidTagsMapException, InvalidSystemTagUsageException, TooManyTagsException */
export function checkTags(tags: Record<string, string>): Record<string, string> {
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > limits.tagKey || value.length > limits.tagValue) {
      throw invalidTagsMap();
    }
    if (key.toLowerCase().startsWith('aws:')) throw invalidSystemTagUsage();
  }
  if (Object.keys(tags).length > limits.tags) throw tooManyTags();
  return tags;
}
