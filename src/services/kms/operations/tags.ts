import type { Tag } from '@aws-sdk/client-kms';
import type { ServiceContext } from '../../../kit/service.ts';
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
  await changeTags(ctx, input.KeyId, 'kms:TagResource', (tags) => [
    ...tags.filter((tag) => !added.some((a) => a.TagKey === tag.TagKey)),
    ...added,
  ]);
  return {};
});

export const untagResource = kms('untagResource', 'self', async (ctx, input) => {
  const removed = input.TagKeys ?? [];
  await changeTags(ctx, input.KeyId, 'kms:UntagResource', (tags) =>
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

/** @throws TagException */
export function checkTags(tags: Tag[]): void {
  const names = tags.map((tag) => tag.TagKey ?? '');
  if (new Set(names).size < names.length) throw invalidTag('Duplicate tag keys');
  if (names.some((name) => name.toLowerCase().startsWith('aws:'))) {
    throw invalidTag('Tags beginning with aws: are reserved');
  }
}

async function changeTags(
  ctx: ServiceContext,
  argument = '',
  action: string,
  next: (tags: Tag[]) => Tag[],
): Promise<void> {
  const { keyId } = await authorizedKey(ctx, argument, { action, aliases: false });
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (!key) throw noSuchKey(keyArn(ctx, keyId));
    assertNotPending(key);
    const tags = next(key.tags);
    if (tags.length > MAX_TAGS) throw tooManyTags();
    await updateKey(tx, { ...key, tags });
  });
}
