import type { Tag } from '@aws-sdk/client-kms';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type TagRules, tagConditions } from '../../../kit/tags.ts';
import { invalidTag, noSuchKey, tooManyTags } from '../errors.ts';
import { assertNotPending, authorizedKey } from '../keys.ts';
import { DEFAULT_LIMIT, MAX_TAGS } from '../limits.ts';
import { keyArn } from '../model/key-id.ts';
import { findKey, updateKey } from '../store.ts';
import { kms } from './declare.ts';
import { slice } from './op.ts';

export const tagResource = kms('tagResource', 'self', async (ctx, input) => {
  const added = input.Tags ?? [];
  checkTags(added);
  await changeTags(ctx, input, 'kms:TagResource', (tags) => [
    ...tags.filter((tag) => !added.some((a) => a.TagKey === tag.TagKey)),
    ...added,
  ]);
  return {};
});

export const untagResource = kms('untagResource', 'self', async (ctx, input) => {
  const removed = input.TagKeys ?? [];
  await changeTags(ctx, input, 'kms:UntagResource', (tags) =>
    tags.filter((tag) => !removed.includes(tag.TagKey ?? '')),
  );
  return {};
});

export const listResourceTags = kms('listResourceTags', 'self', async (ctx, input) => {
  const use = { action: 'kms:ListResourceTags', aliases: false };
  const key = await authorizedKey(ctx, input.KeyId ?? '', use);
  const nameOf = (tag: Tag) => tag.TagKey ?? '';
  const { items, more } = slice(ctx, input, DEFAULT_LIMIT, key.tags, nameOf);
  return { Tags: items, ...more };
});

const RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: () => invalidTag('Duplicate tag keys'),
  reserved: () => invalidTag('Tags beginning with aws: are reserved'),
  tooMany: tooManyTags,
};

/** @throws TagException, LimitExceededException */
export const checkTags = (tags: Tag[]): void => checkNewTags(tags, RULES);

async function changeTags(
  ctx: ServiceContext,
  input: { KeyId: string | undefined },
  action: string,
  next: (tags: Tag[]) => Tag[],
): Promise<void> {
  const use = { action, aliases: false, conditions: tagConditions(input) };
  const { keyId } = await authorizedKey(ctx, input.KeyId ?? '', use);
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (!key) throw noSuchKey(keyArn(ctx, keyId));
    assertNotPending(key);
    const tags = next(key.tags);
    if (tags.length > MAX_TAGS) throw tooManyTags();
    await updateKey(tx, { ...key, tags });
  });
}
