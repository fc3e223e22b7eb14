import { createHash, randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { placeAt } from '../confirmation/ask.ts';
import { DEDUPLICATION_MS } from '../limits.ts';
import type { Delivery } from '../model/delivery.ts';
import { type Filter, filterOf } from '../model/filter.ts';
import type { Message } from '../model/message.ts';
import type { Draft } from '../model/publication.ts';
import type { Subscription } from '../model/subscription.ts';
import { isFifo, sequenceNumber, type Topic } from '../model/topic.ts';
import { LANES } from '../reconcilers/names.ts';
import { topic as topicKind } from '../resources/topic.ts';
import { findEarlier, remember } from '../store/deduplication.ts';
import { insertDeliveries, insertMessage } from '../store/deliveries.ts';
import { listConfirmed } from '../store/subscriptions.ts';
import { setSequence } from '../store/topics.ts';
import { makeSealer } from './sealing.ts';

/** What Publish answers with. */
export interface Published {
  MessageId: string;
  SequenceNumber?: string;
}

/** Publishes to a topic, all of it or nothing: what is committed is delivered. */
export async function publishAll(
  ctx: ServiceContext,
  asked: Topic,
  drafts: readonly Draft[],
): Promise<Published[]> {
  const { arn } = asked;
  const seal = await makeSealer(ctx, asked);
  // A transaction may run twice: what it makes up is made up before.
  const ids = drafts.map(() => randomUUID());
  return ctx.transaction(async (tx) => {
    const topic = await need(tx, topicKind, topicKind.locate(ctx, arn));
    const to = { subscriptions: filtered(await listConfirmed(tx, arn)), seal };
    const published: Published[] = [];
    let { sequence } = topic;
    for (const [index, draft] of drafts.entries()) {
      const id = ids[index] ?? '';
      if (!isFifo(topic)) {
        await commit(ctx, tx, { ...messageOf(ctx, topic, draft), id }, to);
        published.push({ MessageId: id });
        continue;
      }
      const next = {
        ...messageOf(ctx, topic, draft),
        id,
        sequenceNumber: sequenceNumber(sequence + 1),
      };
      const earlier = await repeatedBy(ctx, tx, topic, next);
      published.push({ MessageId: earlier.messageId, SequenceNumber: earlier.sequenceNumber });
      if (earlier.messageId !== id) continue;
      sequence += 1;
      await commit(ctx, tx, { ...next, deduplicationId: deduplicationId(next) }, to);
    }
    if (sequence !== topic.sequence) await setSequence(tx, arn, sequence);
    return published;
  });
}

function messageOf({ clock }: ServiceContext, { arn }: Topic, draft: Draft): Omit<Message, 'id'> {
  return { ...draft, topicArn: arn, type: 'Notification', timestamp: clock.now() };
}

const hash = (...parts: string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** The caller's, or what the content gives. */
const deduplicationId = ({ deduplicationId: given, message }: Message) =>
  given ?? createHash('sha256').update(message).digest('hex');

/** The message of the last five minutes that this one repeats; else this one, which is remembered. */
async function repeatedBy(
  ctx: ServiceContext,
  tx: Tx,
  { arn: topicArn, attributes }: Topic,
  message: Message & { sequenceNumber: string },
) {
  const now = ctx.clock.now().getTime();
  const scope = attributes.FifoThroughputScope === 'MessageGroup' ? [message.groupId ?? ''] : [];
  const keyHash = hash(deduplicationId(message), ...scope);
  const found = await findEarlier(tx, topicArn, keyHash, now);
  if (found) return found;
  const earlier = { messageId: message.id, sequenceNumber: message.sequenceNumber };
  await remember(tx, { topicArn, keyHash, earlier, expiresAt: now + DEDUPLICATION_MS, now });
  return earlier;
}

type Filtered = { subscription: Subscription; wants: Filter };

interface Recipients {
  subscriptions: readonly Filtered[];
  seal: Awaited<ReturnType<typeof makeSealer>>;
}

function filtered(subscriptions: readonly Subscription[]): Filtered[] {
  return subscriptions.map((subscription) => ({
    subscription,
    wants: filterOf(subscription.attributes),
  }));
}

/** Stores the message and whom it goes to, and wakes who delivers. */
async function commit(
  ctx: ServiceContext,
  tx: Tx,
  message: Message,
  { subscriptions, seal }: Recipients,
): Promise<void> {
  const wanting = subscriptions.filter(({ wants }) => wants(message));
  if (wanting.length === 0) return;
  await insertMessage(tx, message.id, seal(message));
  const { id, groupId, sequenceNumber: number, timestamp } = message;
  const [place, groupKey] =
    number === undefined ? [placeAt(timestamp), id] : [number, hash(groupId ?? '')];
  await insertDeliveries(
    tx,
    wanting.map(
      ({ subscription }): Delivery => ({
        subscriptionArn: subscription.arn,
        messageId: id,
        ...{ place, groupKey, dueAt: timestamp, attempts: 0 },
      }),
    ),
  );
  for (const { subscription } of wanting)
    await ctx.engine.wake(tx, LANES[subscription.lane], subscription.arn);
}
