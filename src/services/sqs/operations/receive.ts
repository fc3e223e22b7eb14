import type { Message } from '@aws-sdk/client-sqs';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidParameter, unknownAttribute } from '../errors.ts';
import { MAX_MESSAGES, MAX_WAIT_S } from '../limits.ts';
import { checkVisibility, receiptHandle } from '../messages/receipts.ts';
import { receive } from '../messages/receive.ts';
import { openContents } from '../messages/sealing.ts';
import { md5, md5OfAttributes } from '../model/digest.ts';
import { type SentMessage, wanted } from '../model/message.ts';
import type { Queue } from '../model/queue.ts';
import { queue } from '../resources/queue.ts';
import { settleGroup } from '../store/groups.ts';
import { giveBack } from '../store/messages.ts';
import { holdQueue } from '../store/queues.ts';
import { type MessageRow, READ_COMMITTED } from '../store/tables.ts';
import { sqs } from './declare.ts';

export const receiveMessage = sqs(
  'receiveMessage',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, input, found) => {
    const { settings } = found;
    const { MaxNumberOfMessages, WaitTimeSeconds, ReceiveRequestAttemptId: attemptId } = input;
    const system = systemNames(input.AttributeNames, input.MessageSystemAttributeNames);
    if (attemptId !== undefined) checkAttempt(attemptId, settings.fifo);
    const rows = await receive(ctx, found, {
      count: between(MaxNumberOfMessages, 'MaxNumberOfMessages', 1, MAX_MESSAGES) ?? 1,
      waitSeconds:
        between(WaitTimeSeconds, 'WaitTimeSeconds', 0, MAX_WAIT_S) ?? settings.waitSeconds,
      visibilityMs: checkVisibility(input.VisibilityTimeout) ?? settings.visibilityMs,
      attemptId,
    });
    if (rows.length === 0) return {};
    const names = input.MessageAttributeNames;
    return { Messages: await opened(ctx, found, rows, { system, names }) };
  },
);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const SYSTEM_NAMES = new Set([
  ...['All', 'SenderId', 'SentTimestamp', 'ApproximateReceiveCount', 'SequenceNumber'],
  ...['ApproximateFirstReceiveTimestamp', 'MessageDeduplicationId', 'MessageGroupId'],
  ...['AWSTraceHeader', 'DeadLetterQueueSourceArn'],
]);

/** By the older member and the newer one. @throws InvalidAttributeName */
function systemNames(...given: (readonly string[] | undefined)[]): Set<string> {
  const names = new Set(given.flatMap((list) => list ?? []));
  for (const name of names) if (!SYSTEM_NAMES.has(name)) throw unknownAttribute(name);
  return names;
}

/** @throws InvalidParameterValue */
function checkAttempt(attemptId: string, fifo: boolean): void {
  if (fifo && /^[!-~]{1,128}$/.test(attemptId)) return;
  throw invalidParameter(
    attemptId,
    'ReceiveRequestAttemptId',
    fifo
      ? 'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.'
      : 'The request include parameter that is not valid for this queue type.',
  );
}

function between(
  value: number | undefined,
  name: string,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most))
    return value;
  // AWS says it so of the waiting alone.
  const range =
    name === 'WaitTimeSeconds' ? `>= ${least} and <= ${most}` : `between ${least} and ${most}`;
  throw invalidParameter(value, name, `Must be ${range}, if provided.`);
}

interface Names {
  system: ReadonlySet<string>;
  names: readonly string[] | undefined;
}

/** What a key of KMS that refuses has sealed goes back into the queue. */
async function opened(
  ctx: ServiceContext,
  found: Queue,
  rows: readonly MessageRow[],
  names: Names,
): Promise<Message[]> {
  const messages: Message[] = [];
  try {
    for (const row of rows)
      messages.push(shown(ctx, row, await openContents(ctx, found, row.body), names));
    return messages;
  } catch (error) {
    await ctx.transaction(async (tx) => {
      const now = ctx.clock.now().getTime();
      const { fifo } = found.settings;
      if (fifo) await holdQueue(tx, found.id);
      await giveBack(tx, rows, now);
      if (!fifo) return;
      const groups = new Set(rows.map(({ group_id }) => group_id ?? ''));
      for (const groupId of groups) await settleGroup(tx, found.id, groupId, now);
    }, READ_COMMITTED);
    throw error;
  }
}

function shown(
  ctx: ServiceContext,
  row: MessageRow,
  sent: SentMessage,
  { system, names }: Names,
): Message {
  const attributes = wanted(sent.attributes, names);
  const ofSystem = systemAttributes(row, sent).filter(
    ([name, value]) => value !== undefined && (system.has('All') || system.has(name)),
  );
  const checksum = md5OfAttributes(attributes);
  return {
    MessageId: row.message_id,
    ReceiptHandle: receiptHandle(ctx, row),
    MD5OfBody: md5(sent.body),
    Body: sent.body,
    ...(ofSystem.length > 0 && { Attributes: Object.fromEntries(ofSystem) }),
    ...(checksum !== undefined && {
      MD5OfMessageAttributes: checksum,
      MessageAttributes: Object.fromEntries(
        attributes.map(({ name, type: DataType, value }) => [
          name,
          typeof value === 'string'
            ? { DataType, StringValue: value }
            : { DataType, BinaryValue: value },
        ]),
      ),
    }),
  };
}

function systemAttributes(row: MessageRow, sent: SentMessage): [string, string | undefined][] {
  return [
    ['SenderId', sent.senderId],
    ['SentTimestamp', String(row.sent_at)],
    ['ApproximateReceiveCount', String(row.receive_count)],
    ['ApproximateFirstReceiveTimestamp', String(row.first_received_at)],
    ['SequenceNumber', row.group_id === null ? undefined : row.seq],
    ['MessageDeduplicationId', sent.deduplicationId],
    ['MessageGroupId', sent.groupId],
    ['AWSTraceHeader', sent.traceHeader],
    ['DeadLetterQueueSourceArn', row.source_arn ?? undefined],
  ];
}
