import { addTags as give, onEach, removeTags as take } from '../../../kit/resource.ts';
import { append } from '../../../lib/append.ts';
import { anything } from '../resources/any.ts';
import { elbv2 } from './declare.ts';

const onArns = onEach(
  anything,
  ({ ResourceArns }: { ResourceArns: string[] | undefined }) => ResourceArns ?? [],
);

type Found = { located: ReturnType<typeof anything.locate>; thing: object | undefined }[];

/** All of them, or none is touched. */
function needAll(found: Found) {
  for (const { located, thing } of found) if (thing === undefined) throw anything.notFound(located);
  return found.map(({ located }) => located);
}

export const addTags = elbv2('addTags', onArns, async (ctx, input, found) => {
  for (const located of needAll(found))
    await give(ctx, located.kind, located, (input.Tags ?? []) as { Key: string }[]);
  return {};
});

export const removeTags = elbv2('removeTags', onArns, async (ctx, input, found) => {
  for (const located of needAll(found)) await take(ctx, located.kind, located, input.TagKeys ?? []);
  return {};
});

export const describeTags = elbv2('describeTags', onArns, async (_ctx, _input, found) => {
  needAll(found);
  const TagDescriptions: { ResourceArn: string; Tags: { Key: string; Value: string }[] }[] = [];
  append(
    TagDescriptions,
    found.map(({ located, thing }) => ({
      ResourceArn: located.arn,
      Tags: [...(located.kind.tags?.of(thing) ?? [])].map(([Key, Value]) => ({ Key, Value })),
    })),
  );
  return { TagDescriptions };
});
