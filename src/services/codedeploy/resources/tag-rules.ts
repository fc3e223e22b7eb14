import { InvalidTagsToAddException } from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { TagRules } from '../../../kit/tags.ts';

const MAX_TAGS = 50;

export const invalidTags = () =>
  exception(InvalidTagsToAddException, 'The specified tags are not valid.');

export const tagRules = (): TagRules => ({
  most: MAX_TAGS,
  reserved: invalidTags,
  tooMany: invalidTags,
});
