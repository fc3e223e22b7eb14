import { tagsOfAny } from '../../../kit/any-of.ts';
import { addTags, at, on, removeTags } from '../../../kit/resource.ts';
import { tagged } from '../resources/tagged.ts';
import { cloudwatch } from './declare.ts';

const arnIn = ({ ResourceARN }: { ResourceARN?: string | undefined }) => ResourceARN;
const atTagged = at(tagged, arnIn);

export const tagResource = cloudwatch('tagResource', atTagged, async (ctx, input, located) => {
  await addTags(ctx, tagged, located, input.Tags ?? []);
  return {};
});

export const untagResource = cloudwatch('untagResource', atTagged, async (ctx, input, located) => {
  await removeTags(ctx, tagged, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = cloudwatch(
  'listTagsForResource',
  on(tagged, arnIn),
  async (_ctx, _input, found) => ({
    Tags: [...tagsOfAny(found)].map(([Key, Value]) => ({ Key, Value })),
  }),
);
