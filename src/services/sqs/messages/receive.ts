import type { Db, Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import { queueNotFound, tooManyInFlight } from '../errors.ts';
import type { Queue } from '../model/queue.ts';
import { nextVisibleGroup, visibleGroups } from '../store/groups.ts';
import { anyVisible, newReceipt, nextVisible, type Take, takeMessages } from '../store/messages.ts';
import { findQueueById } from '../store/queues.ts';
import { type MessageRow, READ_COMMITTED } from '../store/tables.ts';
import { withoutDeadLetters } from './dead-letters.ts';
import { mayTake } from './in-flight.ts';
import { takeFifo } from './receive-fifo.ts';
import { queueTopic } from './topics.ts';

/** What a receive asks for. */
export interface Ask {
  count: number;
  visibilityMs: number;
  waitSeconds: number;
  /** FIFO: a receive of the same name gets the same messages. */
  attemptId?: string | undefined;
}

/** Said by a look that found nothing, when something will be there sooner than the wait is over. */
const SOONER = 'sooner';

/**
 * Takes messages out of sight, at most as many as were asked for. Where there are none it waits for the first:
 * woken by whoever sends, gives back or deletes, on whichever node, and when a delay or a visibility timeout ends.
 */
export async function receive(ctx: ServiceContext, queue: Queue, ask: Ask): Promise<MessageRow[]> {
  if (!(await mayTake(ctx, queue.id, ask.count))) {
    if (queue.settings.fifo) return [];
    throw tooManyInFlight();
  }
  const taken = await take(ctx, queue, ask);
  if (taken.length > 0 || ask.waitSeconds === 0) return taken;
  return hold(ctx, queue, ask);
}

async function hold(ctx: ServiceContext, queue: Queue, ask: Ask): Promise<MessageRow[]> {
  const { clock, engine, db, signal } = ctx;
  const time = () => clock.now().getTime();
  const until = time() + ask.waitSeconds * 1_000;
  const takeWhatIsThere = async (now: number) =>
    (await isThere(db, queue, now)) ? take(ctx, queue, ask) : [];
  for (;;) {
    const next = await nextTime(db, queue, time());
    const wake = Math.min(next ?? until, until);
    const look = async () => {
      const now = time();
      const taken = await takeWhatIsThere(now);
      if (taken.length > 0) return taken;
      if (!(await findQueueById(db, queue.id))) throw queueNotFound();
      const coming = await nextTime(db, queue, now);
      return coming !== undefined && coming < wake ? SOONER : undefined;
    };
    const seen = await engine.heard(queueTopic(queue.id), look, { until: new Date(wake), signal });
    if (seen !== undefined && seen !== SOONER) return seen;
    const now = time();
    // Before its time it only ends when the caller is gone or the server stops.
    if (signal.aborted || (seen === undefined && now < wake)) return [];
    // The last look may have begun long before: what has come since is not kept from who waited for it.
    if (now >= until) return takeWhatIsThere(now);
  }
}

const nextTime = (db: Db, { id, settings }: Queue, now: number) =>
  settings.fifo ? nextVisibleGroup(db, id, now) : nextVisible(db, id, now);

async function isThere(db: Db, { id, settings }: Queue, now: number): Promise<boolean> {
  if (settings.fifo) return (await visibleGroups(db, id, now, 1)).length > 0;
  return anyVisible(db, id, { now, after: now - settings.retentionMs });
}

async function take(ctx: ServiceContext, queue: Queue, ask: Ask): Promise<MessageRow[]> {
  const { fifo, retentionMs } = queue.settings;
  const now = ctx.clock.now().getTime();
  const times = { now, after: now - retentionMs, until: now + ask.visibilityMs };
  return ctx.transaction(async (tx) => {
    const taking: Take = { ...times, count: ask.count, receipt: newReceipt() };
    return fifo
      ? takeFifo(ctx, tx, { queue, take: taking, attemptId: ask.attemptId })
      : takeStandard(ctx, tx, queue, taking);
  }, READ_COMMITTED);
}

async function takeStandard(
  ctx: ServiceContext,
  tx: Tx,
  queue: Queue,
  asked: Take,
): Promise<MessageRow[]> {
  const all: MessageRow[] = [];
  for (;;) {
    const count = asked.count - all.length;
    const taken = await takeMessages(tx, queue.id, { ...asked, count });
    const alive = await withoutDeadLetters(ctx, tx, queue, taken, asked.now);
    append(all, alive);
    // Dead letters have made room for others.
    if (taken.length < count || alive.length === taken.length) return all;
  }
}
