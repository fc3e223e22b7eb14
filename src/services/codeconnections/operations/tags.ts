import { tagsOfAny } from '../../../kit/any-of.ts';
import { addTags, removeTags } from '../../../kit/resource.ts';
import { atTagged, onTagged, tagged } from '../resources/tagged.ts';
import { connections } from './declare.ts';

export const tagResource = connections('tagResource', atTagged, async (ctx, input, located) => {
  await addTags(ctx, tagged, located, input.Tags ?? []);
  return {};
});

export const untagResource = connections('untagResource', atTagged, async (ctx, input, located) => {
  await removeTags(ctx, tagged, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = connections(
  'listTagsForResource',
  onTagged,
  async (_ctx, _input, found) => ({
    Tags: [...tagsOfAny(found)].map(([Key, Value]) => ({ Key, Value })),
  }),
);
