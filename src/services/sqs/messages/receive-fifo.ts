import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import { queueNotFound } from '../errors.ts';
import { DEDUPLICATION_MS } from '../limits.ts';
import { sha256 } from '../model/digest.ts';
import type { Queue } from '../model/queue.ts';
import { settleGroup, takeOfGroup, visibleGroups } from '../store/groups.ts';
import { findKept, keep } from '../store/kept.ts';
import { findReceived, setVisible, type Take } from '../store/messages.ts';
import { holdQueue } from '../store/queues.ts';
import type { MessageRow } from '../store/tables.ts';
import { withoutDeadLetters } from './dead-letters.ts';

interface FifoTake {
  queue: Queue;
  take: Take;
  attemptId: string | undefined;
}

/** The receive that an attempt made: those that repeat it get the same. */
type Attempt = { seq: string; receipt: string }[];

/** Of each group the first messages, one group after the other; none of a group of which something is in flight. */
export async function takeFifo(
  ctx: ServiceContext,
  tx: Tx,
  { queue, take, attemptId }: FifoTake,
): Promise<MessageRow[]> {
  if ((await holdQueue(tx, queue.id)) === undefined) throw queueNotFound();
  const attempt =
    attemptId === undefined ? undefined : { queueId: queue.id, key: sha256(attemptId) };
  const repeated = attempt && (await repeat(tx, { ...attempt, take }));
  if (repeated) return repeated;
  const all: MessageRow[] = [];
  for (;;) {
    const groups = await visibleGroups(tx, queue.id, take.now, take.count - all.length);
    for (const groupId of groups) {
      const count = take.count - all.length;
      if (count > 0) append(all, await takeGroup(ctx, tx, queue, groupId, { ...take, count }));
    }
    // Groups may have held nothing but what was too old or dead: then there may be others.
    if (groups.length === 0 || all.length > 0) break;
  }
  if (attempt && all.length > 0) {
    const made: Attempt = all.map(({ seq, receipt }) => ({ seq, receipt: receipt ?? '' }));
    await keep(tx, 'sqs_attempt', { ...attempt, expiresAt: take.now + DEDUPLICATION_MS }, made);
  }
  return all;
}

async function takeGroup(
  ctx: ServiceContext,
  tx: Tx,
  queue: Queue,
  groupId: string,
  take: Take,
): Promise<MessageRow[]> {
  const all: MessageRow[] = [];
  for (;;) {
    const count = take.count - all.length;
    const taken = await takeOfGroup(tx, queue.id, groupId, { ...take, count });
    const alive = await withoutDeadLetters(ctx, tx, queue, taken, take.now);
    append(all, alive);
    if (taken.length < count || alive.length === taken.length) break;
  }
  await settleGroup(tx, queue.id, groupId, take.now);
  return all;
}

/** What an earlier receive of this name got, where all of it is as it was left; its time begins again. */
async function repeat(
  tx: Tx,
  { queueId, key, take }: { queueId: string; key: string; take: Take },
): Promise<MessageRow[] | undefined> {
  const { now, until } = take;
  const made = await findKept<Attempt>(tx, 'sqs_attempt', { queueId, key, now });
  if (!made) return undefined;
  const rows: MessageRow[] = [];
  for (const one of made) {
    const row = await findReceived(tx, { queueId, ...one });
    if (!row || row.visible_at <= now) return undefined;
    rows.push({ ...row, visible_at: until });
  }
  for (const one of made) await setVisible(tx, { queueId, ...one }, until);
  const groups = new Set(rows.map(({ group_id }) => group_id ?? ''));
  for (const groupId of groups) await settleGroup(tx, queueId, groupId, now);
  return rows;
}
