import { parseArn } from '../../../aws/arn.ts';
import {
  addTags,
  authorizeOn,
  need,
  type Resource,
  removeTags,
  tagObject,
} from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { type GivenTags, tagConditions } from '../../../kit/tags.ts';
import { invalidParameter } from '../errors.ts';
import { bus } from '../resources/bus.ts';
import { rule } from '../resources/rule.ts';
import { events } from './declare.ts';

// biome-ignore lint/suspicious/noExplicitAny: buses and rules are named, and found, each in its own way
type AnyTagged = Resource<any, any, any>;

/** The rule or bus that an ARN names, and what is to be known of it, once the caller may ask. */
async function tagged(
  ctx: ServiceContext,
  input: { ResourceARN: string | undefined },
  action: string,
): Promise<{ resource: AnyTagged; located: ReturnType<AnyTagged['locate']> }> {
  const text = input.ResourceARN ?? '';
  const arn = parseArn(text);
  const own = arn?.service === 'events' ? arn : undefined;
  const kinds: AnyTagged[] = [rule, bus];
  for (const resource of kinds) {
    const located = own && resource.parse(own);
    if (!located) continue;
    await authorizeOn(ctx, resource, located, action, tagConditions(input));
    return { resource, located };
  }
  await ctx.authorize(action, text);
  throw invalidParameter('ResourceARN');
}

export const tagResource = events('tagResource', 'self', async (ctx, input) => {
  const { resource, located } = await tagged(ctx, input, 'events:TagResource');
  await addTags(ctx, resource, located, (input.Tags ?? []) as GivenTags);
  return {};
});

export const untagResource = events('untagResource', 'self', async (ctx, input) => {
  const { resource, located } = await tagged(ctx, input, 'events:UntagResource');
  await removeTags(ctx, resource, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = events('listTagsForResource', 'self', async (ctx, input) => {
  const { resource, located } = await tagged(ctx, input, 'events:ListTagsForResource');
  const found = await need(ctx.db, resource, located);
  const tags = tagObject(resource.tags?.of(found) ?? new Map());
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
});
