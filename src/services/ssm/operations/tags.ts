import type {
  AddTagsToResourceCommandInput,
  AddTagsToResourceCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput,
} from '@aws-sdk/client-ssm';
import { unsupported } from '../../../aws/errors.ts';
import type { Authorization } from '../../../aws/operation.ts';
import { operation, type ServiceContext } from '../../service.ts';
import { invalidResource, invalidResourceType, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { parameterArn } from '../model/name.ts';
import { findParameter, setTags } from '../store.ts';
import type { Op } from './op.ts';

interface TagInput {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

type Tags = Record<string, string>;

const onResource = <I extends TagInput>(action: string): Authorization<ServiceContext, I> => ({
  action: `ssm:${action}`,
  resource: (ctx, input) => parameterArn(ctx, input.ResourceId ?? ''),
});

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

export const addTagsToResource: Op<AddTagsToResourceCommandInput, AddTagsToResourceCommandOutput> =
  operation(onResource('AddTagsToResource'), async (ctx, input) =>
    change(ctx, input, (tags) => ({
      ...tags,
      ...Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    })),
  );

export const removeTagsFromResource: Op<
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput
> = operation(onResource('RemoveTagsFromResource'), async (ctx, input) =>
  change(ctx, input, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
  ),
);

export const listTagsForResource: Op<
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput
> = operation(onResource('ListTagsForResource'), async (ctx, input) => {
  const parameter = await findParameter(ctx.db, ctx, nameOf(input));
  if (!parameter) throw invalidResource();
  return { TagList: Object.entries(parameter.tags).map(([Key, Value]) => ({ Key, Value })) };
});
