import type { Tag } from '@aws-sdk/client-kms';
import { addTags, removeTags } from '../../../kit/resource.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import { onKey } from '../keys/use.ts';
import { DEFAULT_LIMIT } from '../limits.ts';
import { key, TAG_RULES } from '../resources/key.ts';
import { kms } from './declare.ts';
import { slice } from './pages.ts';

const onOne = onKey({ aliases: false });

export const tagResource = kms('tagResource', onOne, async (ctx, input) => {
  const added = input.Tags ?? [];
  checkNewTags(added, TAG_RULES);
  await addTags(ctx, key, key.locate(ctx, input.KeyId), added);
  return {};
});

export const untagResource = kms('untagResource', onOne, async (ctx, input) => {
  await removeTags(ctx, key, key.locate(ctx, input.KeyId), input.TagKeys ?? []);
  return {};
});

export const listResourceTags = kms('listResourceTags', onOne, async (ctx, input, { tags }) => {
  const nameOf = (tag: Tag) => tag.TagKey ?? '';
  const { items, more } = slice(ctx, input, DEFAULT_LIMIT, tags, nameOf);
  return { Tags: items, ...more };
});
