import { AwsError } from '../../../aws/errors.ts';
import type { TagRules } from '../../../kit/tags.ts';
import { invalidValue } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: (key) => invalidValue(`Duplicate tag key '${key}' specified.`),
  reserved: (key) =>
    invalidValue(`Tag keys starting with 'aws:' are reserved for internal use: '${key}'`),
  tooMany: () =>
    new AwsError('TagLimitExceeded', `The maximum number of tags for a resource is ${MAX_TAGS}.`),
};
