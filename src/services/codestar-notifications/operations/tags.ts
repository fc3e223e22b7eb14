import { addTags, removeTags } from '../../../kit/resource.ts';
import { atRule, onRule, rule } from '../resources/rule.ts';
import { notifications } from './declare.ts';

export const tagResource = notifications('tagResource', atRule, async (ctx, input, located) => {
  await addTags(ctx, rule, located, input.Tags);
  return { Tags: (await rule.find(ctx.db, located))?.tags };
});

export const untagResource = notifications('untagResource', atRule, async (ctx, input, located) => {
  await removeTags(ctx, rule, located, input.TagKeys);
  return {};
});

export const listTagsForResource = notifications(
  'listTagsForResource',
  onRule,
  async (_ctx, _input, found) => ({ Tags: found.tags }),
);
