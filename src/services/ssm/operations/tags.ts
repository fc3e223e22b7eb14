import { unsupported } from '../../../aws/errors.ts';
import { addTags, at, need, removeTags } from '../../../kit/resource.ts';
import { invalidResourceType } from '../errors.ts';
import { parameter } from '../resources/parameter.ts';
import { ssm } from './declare.ts';

interface TagInput {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

const onResource = at(parameter, ({ ResourceId }: TagInput) => ResourceId);

function checkType({ ResourceType: type }: TagInput): void {
  if (type === undefined) throw invalidResourceType();
  if (type !== 'Parameter') throw unsupported(`tags of ${type}`);
}

export const addTagsToResource = ssm(
  'addTagsToResource',
  onResource,
  async (ctx, input, located) => {
    checkType(input);
    await addTags(ctx, parameter, located, input.Tags ?? []);
    return {};
  },
);

export const removeTagsFromResource = ssm(
  'removeTagsFromResource',
  onResource,
  async (ctx, input, located) => {
    checkType(input);
    await removeTags(ctx, parameter, located, input.TagKeys ?? []);
    return {};
  },
);

export const listTagsForResource = ssm(
  'listTagsForResource',
  onResource,
  async (ctx, input, located) => {
    checkType(input);
    const { tags } = await need(ctx.db, parameter, located);
    return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
);
