import { addTags, at, on, removeTags } from '../../../kit/resource.ts';
import { missingParameter } from '../errors.ts';
import { ownQueue } from '../resources/queue.ts';
import { sqs } from './declare.ts';

export const tagQueue = sqs(
  'tagQueue',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { Tags }, located) => {
    if (Tags === undefined || Object.keys(Tags).length === 0) throw missingParameter('Tags');
    await addTags(ctx, ownQueue, located, Tags);
    return {};
  },
);

export const untagQueue = sqs(
  'untagQueue',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { TagKeys }, located) => {
    if (TagKeys === undefined || TagKeys.length === 0) throw missingParameter('TagKeys');
    await removeTags(ctx, ownQueue, located, TagKeys);
    return {};
  },
);

export const listQueueTags = sqs(
  'listQueueTags',
  on(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (_ctx, _input, { tags }) => (Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } }),
);
