import { addTags, on, removeTags } from '../../../kit/resource.ts';
import { resourceNotFound } from '../errors.ts';
import { topic } from '../resources/topic.ts';
import { sns } from './declare.ts';

/** These call it a resource. */
const topicKind: typeof topic = { ...topic, notFound: resourceNotFound };

const onTopic = on(
  topicKind,
  ({ ResourceArn }: { ResourceArn: string | undefined }) => ResourceArn,
);

export const listTagsForResource = sns(
  'listTagsForResource',
  onTopic,
  async (_ctx, _input, { tags }) => ({
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  }),
);

export const tagResource = sns('tagResource', onTopic, async (ctx, input) => {
  await addTags(ctx, topicKind, topicKind.locate(ctx, input.ResourceArn), input.Tags ?? []);
  return {};
});

export const untagResource = sns('untagResource', onTopic, async (ctx, input) => {
  await removeTags(ctx, topicKind, topicKind.locate(ctx, input.ResourceArn), input.TagKeys ?? []);
  return {};
});
