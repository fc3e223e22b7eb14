import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { findByArn } from '../messages/dead-letters.ts';
import { ringQueue } from '../messages/topics.ts';
import type { Queue } from '../model/queue.ts';
import { addToGroups, dropEmptyGroups } from '../store/groups.ts';
import { insertMessages, type NewMessage } from '../store/messages.ts';
import { removeVisible } from '../store/moves.ts';
import { newPlace, sequenceNumber } from '../store/places.ts';
import { findQueueById, holdQueue } from '../store/queues.ts';
import { type MessageRow, READ_COMMITTED } from '../store/tables.ts';
import { findTask, type MoveTask, updateTask } from '../store/tasks.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that moves the messages of a dead-letter queue (key: the task's id), a batch at a time. */
export const MOVE = 'sqs/move';

/** Where the task says no rate. */
const BATCH = 500;
/** Rates are of a second. */
const RATE_MS = 1_000;

export const move = defineReconciler<Platform>({
  name: MOVE,
  async reconcile(ctx, id) {
    const task = await findTask(ctx.db, id);
    if (task?.status === 'CANCELLING') {
      await ctx.transaction((tx) => updateTask(tx, { ...task, status: 'CANCELLED' }));
      return undefined;
    }
    if (task?.status !== 'RUNNING') return undefined;
    const source = await findQueueById(ctx.db, task.queueId);
    if (!source) return undefined;
    return ctx.transaction((tx) => step(ctx, tx, id, source), READ_COMMITTED);
  },
  sweep: sweeps[MOVE],
});

/** @returns when to look again */
async function step(
  ctx: Platform,
  tx: Tx,
  id: string,
  source: Queue,
): Promise<Date | 'now' | undefined> {
  const now = ctx.clock.now().getTime();
  if (source.settings.fifo) await holdQueue(tx, source.id);
  const task = await findTask(tx, id);
  if (task?.status !== 'RUNNING') return task?.status === 'CANCELLING' ? 'now' : undefined;
  // It may be woken at any time: by its sweep, too.
  if (now < (task.restsUntil ?? 0)) return new Date(task.restsUntil ?? 0);
  // What comes into the queue while the task runs is another task's.
  const count = Math.min(task.perSecond ?? BATCH, task.toMove - task.moved);
  const rows = count > 0 ? await removeVisible(tx, source, now, count) : [];
  const failure = await putAll(ctx, tx, { task, rows, now });
  if (failure !== undefined) {
    await insertBack(tx, source, rows);
    await updateTask(tx, { ...task, status: 'FAILED', failure });
    return undefined;
  }
  if (source.settings.fifo) await dropEmptyGroups(tx, source.id);
  const moved = task.moved + rows.length;
  const isDone = rows.length === 0 || moved >= task.toMove;
  const status = isDone ? 'COMPLETED' : 'RUNNING';
  const restsUntil = task.perSecond === undefined ? undefined : now + RATE_MS;
  await updateTask(tx, { ...task, moved, status, ...(restsUntil && { restsUntil }) });
  if (isDone) return undefined;
  return restsUntil === undefined ? 'now' : new Date(restsUntil);
}

const insertBack = async (tx: Tx, source: Queue, rows: readonly MessageRow[]) => {
  if (rows.length > 0) await insertMessages(tx, source.id, rows);
};

interface Batch {
  task: MoveTask;
  rows: readonly MessageRow[];
  now: number;
}

/** @returns why not, in AWS's words */
async function putAll(
  ctx: Platform,
  tx: Tx,
  { task, rows, now }: Batch,
): Promise<string | undefined> {
  const byTarget = new Map<string, MessageRow[]>();
  for (const row of rows) {
    const arn = task.destinationArn ?? row.source_arn;
    if (arn === null) return 'CouldNotDetermineMessageSource';
    byTarget.set(arn, [...(byTarget.get(arn) ?? []), row]);
  }
  const targets = new Map<string, Queue>();
  for (const arn of byTarget.keys()) {
    const target = await findByArn(tx, arn);
    if (!target) return 'AWS.SimpleQueueService.NonExistentQueue';
    targets.set(arn, target);
  }
  for (const [arn, target] of targets) await put(ctx, tx, target, byTarget.get(arn) ?? [], now);
  return undefined;
}

/** New messages, as AWS has it: of a new id and a new age. */
async function put(
  ctx: Platform,
  tx: Tx,
  target: Queue,
  rows: readonly MessageRow[],
  now: number,
): Promise<void> {
  const { fifo, delayMs } = target.settings;
  const last = fifo ? ((await holdQueue(tx, target.id, rows.length)) ?? 0) : 0;
  const messages: NewMessage[] = rows.map(({ group_id, body }, index) => ({
    ...{ message_id: randomUUID(), group_id, source_arn: null, body, sent_at: now },
    visible_at: now + delayMs,
    seq: fifo ? sequenceNumber(last - rows.length + 1 + index) : newPlace(now),
  }));
  await insertMessages(tx, target.id, messages);
  if (fifo) await addToGroups(tx, target.id, messages);
  await ringQueue(ctx, tx, target.id);
}
