import type { Tag } from '@aws-sdk/client-ssm';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type TagRules } from '../../../kit/tags.ts';
import { invalidResource, invalidResourceType, reservedTag, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { parameterArn } from '../model/name.ts';
import { findParameter, setTags } from '../store.ts';
import { ssm } from './declare.ts';

interface TagInput {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

type Tags = Record<string, string>;

const onResource = {
  resource: (ctx: ServiceContext, input: TagInput) => parameterArn(ctx, input.ResourceId ?? ''),
};

function nameOf(input: TagInput): string {
  if (input.ResourceType === undefined) throw invalidResourceType();
  if (input.ResourceType !== 'Parameter') throw unsupported(`tags of ${input.ResourceType}`);
  return input.ResourceId ?? '';
}

async function change(
  ctx: ServiceContext,
  input: TagInput,
  edit: (tags: Tags) => Tags,
): Promise<Record<string, never>> {
  const name = nameOf(input);
  await ctx.transaction(async (tx) => {
    const parameter = await findParameter(tx, ctx, name);
    if (!parameter) throw invalidResource();
    const tags = edit(parameter.tags);
    if (Object.keys(tags).length > MAX_TAGS) throw tooManyTags();
    await setTags(tx, ctx, name, tags);
  });
  return {};
}

const RULES: TagRules = { most: MAX_TAGS, reserved: reservedTag, tooMany: tooManyTags };

/** Tags as they are given. @throws TooManyTagsError, ValidationException for keys that are AWS's */
export function givenTags(tags: Tag[] = []): Tags {
  checkNewTags(tags, RULES);
  return Object.fromEntries(tags.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

export const addTagsToResource = ssm('addTagsToResource', onResource, async (ctx, input) =>
  change(ctx, input, (tags) => ({ ...tags, ...givenTags(input.Tags) })),
);

export const removeTagsFromResource = ssm(
  'removeTagsFromResource',
  onResource,
  async (ctx, input) =>
    change(ctx, input, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
    ),
);

export const listTagsForResource = ssm('listTagsForResource', onResource, async (ctx, input) => {
  const parameter = await findParameter(ctx.db, ctx, nameOf(input));
  if (!parameter) throw invalidResource();
  return { TagList: Object.entries(parameter.tags).map(([Key, Value]) => ({ Key, Value })) };
});
