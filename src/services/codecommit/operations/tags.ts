import { addTags, at, on, removeTags } from '../../../kit/resource.ts';
import { isReservedTag } from '../../../kit/tags.ts';
import {
  invalidSystemTagUsage,
  invalidTagKeysList,
  invalidTagsToken,
  tagKeysListRequired,
  tagsMapRequired,
} from '../errors.ts';
import { checkTags } from '../model/tags.ts';
import { taggedRepository } from '../resources/repository.ts';
import { codecommit } from './declare.ts';

const arnIn = ({ resourceArn }: { resourceArn: string | undefined }) => resourceArn;
const atResource = at(taggedRepository, arnIn);

export const tagResource = codecommit('tagResource', atResource, async (ctx, input, located) => {
  if (!input.tags) throw tagsMapRequired();
  await addTags(ctx, taggedRepository, located, checkTags(input.tags));
  return {};
});

export const untagResource = codecommit(
  'untagResource',
  atResource,
  async (ctx, { tagKeys = [] }, located) => {
    if (tagKeys.length === 0) throw tagKeysListRequired();
    if (tagKeys.includes('')) throw invalidTagKeysList();
    if (tagKeys.some(isReservedTag)) throw invalidSystemTagUsage();
    await removeTags(ctx, taggedRepository, located, tagKeys);
    return {};
  },
);

export const listTagsForResource = codecommit(
  'listTagsForResource',
  on(taggedRepository, arnIn),
  async (_ctx, { nextToken }, { tags }) => {
    // None was given: there is one page.
    if (nextToken) throw invalidTagsToken();
    return { tags };
  },
);
