import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { changeEach, changeOfVisibility, deletion } from '../messages/receipts.ts';
import type { Queue } from '../model/queue.ts';
import { queue } from '../resources/queue.ts';
import { checkBatch, failed } from './batches.ts';
import { sqs } from './declare.ts';

type Change = ReturnType<typeof deletion>;

async function changeOne(ctx: ServiceContext, found: Queue, change: Change) {
  const [refusal] = await changeEach(ctx, found, [change]);
  if (refusal) throw refusal;
  return {};
}

/** All in one transaction; what is refused of them is told of each. */
async function changeAll<E extends { Id: string | undefined }>(
  ctx: ServiceContext,
  found: Queue,
  entries: readonly E[],
  change: (entry: E) => Change,
) {
  const refusals = await changeEach(ctx, found, entries.map(change));
  const Successful: { Id: string }[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const refusal = refusals[index];
    if (refusal) Failed.push(failed(entry, refusal));
    else Successful.push({ Id: entry.Id ?? '' });
  }
  return { Successful, Failed };
}

export const deleteMessage = sqs(
  'deleteMessage',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { ReceiptHandle }, found) =>
    changeOne(ctx, found, deletion(ctx, found, ReceiptHandle)),
);

export const deleteMessageBatch = sqs(
  'deleteMessageBatch',
  { ...on(queue, ({ QueueUrl }) => QueueUrl), action: 'sqs:DeleteMessage' },
  async (ctx, { Entries }, found) =>
    changeAll(ctx, found, checkBatch(Entries, 'DeleteMessageBatchRequestEntry'), (entry) =>
      deletion(ctx, found, entry.ReceiptHandle),
    ),
);

export const changeMessageVisibility = sqs(
  'changeMessageVisibility',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { ReceiptHandle, VisibilityTimeout }, found) =>
    changeOne(ctx, found, changeOfVisibility(ctx, found, ReceiptHandle, VisibilityTimeout)),
);

export const changeMessageVisibilityBatch = sqs(
  'changeMessageVisibilityBatch',
  { ...on(queue, ({ QueueUrl }) => QueueUrl), action: 'sqs:ChangeMessageVisibility' },
  async (ctx, { Entries }, found) =>
    changeAll(
      ctx,
      found,
      checkBatch(Entries, 'ChangeMessageVisibilityBatchRequestEntry'),
      ({ ReceiptHandle, VisibilityTimeout = 0 }) =>
        changeOfVisibility(ctx, found, ReceiptHandle, VisibilityTimeout),
    ),
);
