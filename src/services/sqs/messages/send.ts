import { randomUUID } from 'node:crypto';
import type { SendMessageResult } from '@aws-sdk/client-sqs';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { queueNotFound } from '../errors.ts';
import { DEDUPLICATION_MS } from '../limits.ts';
import { md5, md5OfAttributes, sha256 } from '../model/digest.ts';
import {
  checkIds,
  checkMessage,
  checkSize,
  delayOf,
  type GivenMessage,
  readAttributes,
  readTraceHeader,
  type SentMessage,
} from '../model/message.ts';
import type { Queue } from '../model/queue.ts';
import { addToGroups } from '../store/groups.ts';
import { findKept, keep } from '../store/kept.ts';
import { insertMessages, type NewMessage } from '../store/messages.ts';
import { newPlace, sequenceNumber } from '../store/places.ts';
import { holdQueue } from '../store/queues.ts';
import { READ_COMMITTED } from '../store/tables.ts';
import { makeSealer } from './sealing.ts';
import { ringQueue } from './topics.ts';

/** A message that is as it must be, and what its sender is told of it. */
export interface Prepared {
  message: SentMessage;
  bytes: number;
  delayMs: number;
  result: SendMessageResult & { MessageId: string; MD5OfMessageBody: string };
}

/** @throws SQS's own errors */
export function prepare(ctx: ServiceContext, queue: Queue, given: GivenMessage): Prepared {
  const { settings } = queue;
  const attributes = readAttributes(given.MessageAttributes);
  const system = readTraceHeader(given.MessageSystemAttributes);
  const bytes = checkMessage(given, attributes);
  checkSize(bytes, settings);
  const delayMs = delayOf(given, settings);
  checkIds(given, settings);
  const { MessageBody: body = '', MessageGroupId, MessageDeduplicationId } = given;
  const deduplicationId = settings.fifo ? (MessageDeduplicationId ?? sha256(body)) : undefined;
  const traceHeader = system[0]?.value as string | undefined;
  const ofAttributes = md5OfAttributes(attributes);
  const ofSystem = md5OfAttributes(system);
  return {
    message: {
      ...{ body, attributes, senderId: ctx.principal.userId },
      ...(traceHeader !== undefined && { traceHeader }),
      ...(MessageGroupId !== undefined && { groupId: MessageGroupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
    },
    ...{ bytes, delayMs },
    result: {
      MessageId: randomUUID(),
      MD5OfMessageBody: md5(body),
      ...(ofAttributes && { MD5OfMessageAttributes: ofAttributes }),
      ...(ofSystem && { MD5OfMessageSystemAttributes: ofSystem }),
    },
  };
}

/** Puts messages into their queue, all or none. @returns what their sender is told, in their order */
export async function send(
  ctx: ServiceContext,
  queue: Queue,
  prepared: readonly Prepared[],
): Promise<Prepared['result'][]> {
  const seal = await makeSealer(ctx, queue);
  const sealed = prepared.map((one) => ({ ...one, body: seal(one.message) }));
  return ctx.transaction(async (tx) => {
    const put = queue.settings.fifo ? putFifo : putStandard;
    const results = await put(ctx, tx, queue, sealed);
    await ringQueue(ctx, tx, queue.id);
    return results;
  }, READ_COMMITTED);
}

type SealedMessage = Prepared & { body: string };

function rowOf({ body, delayMs, result }: SealedMessage, now: number, seq: string): NewMessage {
  return {
    ...{ seq, message_id: result.MessageId, group_id: null, source_arn: null, body },
    ...{ sent_at: now, visible_at: now + delayMs },
  };
}

async function putStandard(
  ctx: ServiceContext,
  tx: Tx,
  queue: Queue,
  messages: readonly SealedMessage[],
) {
  const now = ctx.clock.now().getTime();
  await insertMessages(
    tx,
    queue.id,
    messages.map((message) => rowOf(message, now, newPlace(now))),
  );
  return messages.map(({ result }) => result);
}

/** What is remembered of a message that was sent, for those that repeat it. */
interface Remembered {
  MessageId: string;
  SequenceNumber: string;
}

async function putFifo(
  ctx: ServiceContext,
  tx: Tx,
  queue: Queue,
  messages: readonly SealedMessage[],
) {
  const now = ctx.clock.now().getTime();
  const last = await holdQueue(tx, queue.id, messages.length);
  if (last === undefined) throw queueNotFound();
  const rows: NewMessage[] = [];
  const results: Prepared['result'][] = [];
  for (const [index, message] of messages.entries()) {
    const { groupId = '', deduplicationId = '' } = message.message;
    const scope = queue.settings.deduplicatesByGroup ? [groupId, deduplicationId] : deduplicationId;
    const key = sha256(JSON.stringify(scope));
    const kept = { queueId: queue.id, key };
    const sent = await findKept<Remembered>(tx, 'sqs_deduplication', { ...kept, now });
    const SequenceNumber = sequenceNumber(last - messages.length + 1 + index);
    const told = sent ?? { MessageId: message.result.MessageId, SequenceNumber };
    results.push({ ...message.result, ...told });
    if (sent) continue;
    await keep(tx, 'sqs_deduplication', { ...kept, expiresAt: now + DEDUPLICATION_MS }, told);
    rows.push({ ...rowOf(message, now, SequenceNumber), group_id: groupId });
  }
  if (rows.length === 0) return results;
  await insertMessages(tx, queue.id, rows);
  await addToGroups(tx, queue.id, rows);
  return results;
}
