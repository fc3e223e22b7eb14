import { tagsOfAny } from '../../../kit/any-of.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { addTags, at, on, removeTags } from '../../../kit/resource.ts';
import { isReservedTag } from '../../../kit/tags.ts';
import { systemTag } from '../errors.ts';
import { limits } from '../limits.ts';
import { tagList } from '../resources/pipeline.ts';
import { tagged } from '../resources/tagged.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

const arnIn = ({ resourceArn }: { resourceArn: string | undefined }) => resourceArn;
const atResource = at(tagged, arnIn);

export const tagResource = codepipeline('tagResource', atResource, async (ctx, input, located) => {
  await addTags(ctx, tagged, located, input.tags ?? []);
  return {};
});

export const untagResource = codepipeline(
  'untagResource',
  atResource,
  async (ctx, { tagKeys = [] }, located) => {
    if (tagKeys.some(isReservedTag)) throw systemTag();
    await removeTags(ctx, tagged, located, tagKeys);
    return {};
  },
);

/** All in one answer (CP-A3). */
export const listTagsForResource = codepipeline(
  'listTagsForResource',
  on(tagged, arnIn),
  async (ctx, input, thing) => {
    const all = tagList(tagsOfAny(thing));
    const { items, nextToken } = pageOfList(ctx, asked(input, limits.tags), all, ({ key }) => key);
    return { tags: items, ...(nextToken && { nextToken }) };
  },
);
