import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import { nextTurn } from '../../../lib/turns.ts';
import { pack } from '../delivery/pack.ts';
import { mostBytes, type Route, routeOf, send } from '../delivery/send.ts';
import { BACKLOG_KEPT_MS, SUBSCRIPTION_SKIP_MS } from '../limits.ts';
import { blocksOf } from '../model/blocks.ts';
import { eventId } from '../model/event-id.ts';
import { parseFilterPattern } from '../model/filter-pattern.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Message, SubscribedEvent } from '../model/subscription.ts';
import { findGroupById } from '../store/groups.ts';
import { dataKeyOf, openChunk } from '../store/sealing.ts';
import {
  endOwed,
  findSubscription,
  forgetOwed,
  noteSubscription,
  oldestOwed,
  readOwed,
  streamNames,
  subscriptionOf,
} from '../store/subscriptions.ts';
import type { ChunkRow, GroupRow, SubscriptionRow } from '../store/tables.ts';
import { SUBSCRIPTION, sweeps } from '../sweeps.ts';

/** What is looked at at once, so that others have their turn. */
const AT_ONCE = { most: 32, bytes: 1_048_576 };
const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;

/** Delivers what was put into a group to one who has subscribed to it: at least once, stream by stream in order. */
export const subscription = defineReconciler<Platform>({
  name: SUBSCRIPTION,
  concurrency: 16,
  async reconcile(ctx, id, signal) {
    const row = await findSubscription(ctx.db, id);
    const group = row && (await findGroupById(ctx.db, row.group_id));
    if (!group) {
      await ctx.transaction((tx) => forgetOwed(tx, id));
      return undefined;
    }
    const now = ctx.clock.now().getTime();
    const before = Math.max(row.skip_until, now - BACKLOG_KEPT_MS);
    const oldest = await oldestOwed(ctx.db, id);
    if (oldest === undefined) return undefined;
    if (oldest < before) await drop(ctx, row, before);
    if (row.retry_at > now) return new Date(row.retry_at);
    const { ids, chunks } = await readOwed(ctx.db, id, AT_ONCE);
    if (ids.length === 0) return undefined;
    const failure = await deliver(ctx, { row, group }, chunks, signal);
    if (failure) return failed(ctx, row, failure);
    // What is not there any more has gone with its stream.
    await ctx.transaction((tx) => endOwed(tx, id, ids));
    return 'now';
  },
  sweep: sweeps[SUBSCRIPTION],
});

interface Subscribed {
  row: SubscriptionRow;
  group: GroupRow;
}

async function deliver(
  ctx: Platform,
  subscribed: Subscribed,
  chunks: ChunkRow[],
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const { row, group } = subscribed;
  const { matches } = parseFilterPattern(subscriptionOf(row).filterPattern);
  const key = dataKeyOf(ctx, group);
  if (!key || chunks.length === 0) return undefined;
  const byStream = Map.groupBy(chunks, ({ stream_id }) => stream_id);
  const names = await streamNames(ctx.db, [...byStream.keys()]);
  for (const [streamId, its] of byStream) {
    const logEvents: SubscribedEvent[] = [];
    for (const chunk of its) {
      for (const event of eventsOf(chunk, key, matches)) logEvents.push(event);
      await nextTurn(signal);
    }
    const logStream = names.get(streamId);
    if (logEvents.length > 0 && logStream !== undefined) {
      const failure = await sendAll(ctx, subscribed, messageOf(subscribed, logStream, logEvents));
      if (failure) return failure;
    }
    await ctx.transaction(async (tx) => {
      await endOwed(
        tx,
        row.id,
        its.map(({ id }) => id),
      );
      if (row.attempts > 0) await noteSubscription(tx, row.id, { attempts: 0, retry_at: 0 });
    });
  }
  return undefined;
}

const messageOf = (
  { row, group }: Subscribed,
  logStream: string,
  logEvents: SubscribedEvent[],
): Message => ({
  ...{ messageType: 'DATA_MESSAGE', owner: group.account_id, logGroup: group.name, logStream },
  ...{ subscriptionFilters: [row.name], logEvents },
});

function* eventsOf(chunk: ChunkRow, key: Buffer, matches: Matcher): Generator<SubscribedEvent> {
  const { min_at: min, max_at: max, bytes, stream_id: streamId } = chunk;
  const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
  for (const block of blocksOf(openChunk(key, chunk.id, chunk.sealed), whole))
    for (const [index, { timestamp, message }] of block.open().entries()) {
      const sequence = chunk.first_seq + block.offset + index;
      if (matches(message))
        yield { id: eventId({ timestamp, streamId, sequence }), timestamp, message };
    }
}

async function sendAll(
  ctx: Platform,
  { row, group }: Subscribed,
  message: Message,
): Promise<Failure | undefined> {
  const terms = subscriptionOf(row);
  const place = { accountId: group.account_id, region: group.region, name: group.name };
  try {
    const route = await routeOf(ctx, place, terms);
    const most = mostBytes(route);
    for await (const packed of pack(message, most)) {
      if (packed.data.length > most) tooLarge(ctx, row, route, message);
      else await send(ctx, route, packed, terms.distribution);
    }
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** One event that does not fit is no reason to keep others back. */
function tooLarge(ctx: Platform, row: SubscriptionRow, route: Route, { logStream }: Message): void {
  const { group_name: logGroup, name: filter } = row;
  const what = { logGroup, filter, logStream, destination: route.kind };
  ctx.log.warn(what, 'a log event is larger than what its subscription can deliver; it is dropped');
}

/**
 * Who is busy or away is tried again for a day; who refuses gets nothing for ten minutes, as at AWS.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html
 */
async function failed(
  ctx: Platform,
  row: SubscriptionRow,
  failure: Failure,
): Promise<Date | undefined> {
  const now = ctx.clock.now().getTime();
  if (failure.again) {
    const retry_at = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(row.attempts, 20));
    const attempts = row.attempts + 1;
    await ctx.transaction((tx) => noteSubscription(tx, row.id, { attempts, retry_at }));
    return new Date(retry_at);
  }
  const { group_name: logGroup, name: filter } = row;
  const { destinationArn: destination } = subscriptionOf(row);
  const what = { logGroup, filter, destination, failure };
  ctx.log.warn(what, 'a subscription was refused; what is put in the next ten minutes is skipped');
  const skip_until = now + SUBSCRIPTION_SKIP_MS;
  await ctx.transaction(async (tx) => {
    await noteSubscription(tx, row.id, { skip_until, attempts: 0, retry_at: 0 });
    await forgetOwed(tx, row.id, skip_until);
  });
  return undefined;
}

/** Forgets what is too old, or was put while nothing is delivered. */
async function drop(ctx: Platform, row: SubscriptionRow, before: number): Promise<void> {
  const chunks = await ctx.transaction((tx) => forgetOwed(tx, row.id, before));
  if (before === row.skip_until) return;
  const { group_name: logGroup, name: filter } = row;
  ctx.log.warn({ logGroup, filter, chunks }, 'log events waited for a day; they are dropped');
}
