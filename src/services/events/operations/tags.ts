import { tagsOfAny } from '../../../kit/any-of.ts';
import { addTags, at, on, removeTags } from '../../../kit/resource.ts';
import type { GivenTags } from '../../../kit/tags.ts';
import { tagged } from '../resources/tagged.ts';
import { events } from './declare.ts';

const arnIn = ({ ResourceARN }: { ResourceARN: string | undefined }) => ResourceARN;
const atTagged = at(tagged, arnIn);

export const tagResource = events('tagResource', atTagged, async (ctx, input, located) => {
  await addTags(ctx, tagged, located, (input.Tags ?? []) as GivenTags);
  return {};
});

export const untagResource = events('untagResource', atTagged, async (ctx, input, located) => {
  await removeTags(ctx, tagged, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = events(
  'listTagsForResource',
  on(tagged, arnIn),
  async (_ctx, _input, found) => ({
    Tags: [...tagsOfAny(found)].map(([Key, Value]) => ({ Key, Value })),
  }),
);
