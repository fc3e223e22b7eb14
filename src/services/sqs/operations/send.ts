import type { BatchResultErrorEntry, SendMessageBatchResultEntry } from '@aws-sdk/client-sqs';
import { on } from '../../../kit/resource.ts';
import { batchTooLong } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { type Prepared, prepare, send } from '../messages/send.ts';
import { queue } from '../resources/queue.ts';
import { checkBatch, failed } from './batches.ts';
import { sqs } from './declare.ts';

export const sendMessage = sqs(
  'sendMessage',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, input, found) => {
    const [result] = await send(ctx, found, [prepare(ctx, found, input)]);
    return result ?? {};
  },
);

export const sendMessageBatch = sqs(
  'sendMessageBatch',
  { ...on(queue, ({ QueueUrl }) => QueueUrl), action: 'sqs:SendMessage' },
  async (ctx, input, found) => {
    const entries = checkBatch(input.Entries, 'SendMessageBatchRequestEntry');
    const good: { id: string; prepared: Prepared }[] = [];
    const Failed: BatchResultErrorEntry[] = [];
    for (const entry of entries) {
      try {
        good.push({ id: entry.Id ?? '', prepared: prepare(ctx, found, entry) });
      } catch (error) {
        Failed.push(failed(entry, error));
      }
    }
    const bytes = good.reduce((sum, { prepared }) => sum + prepared.bytes, 0);
    if (bytes > MAX_MESSAGE_BYTES) throw batchTooLong(bytes);
    const sent =
      good.length === 0
        ? []
        : await send(
            ctx,
            found,
            good.map(({ prepared }) => prepared),
          );
    const Successful: SendMessageBatchResultEntry[] = sent.map((result, index) => ({
      Id: good[index]?.id,
      ...result,
    }));
    return { Successful, Failed };
  },
);
