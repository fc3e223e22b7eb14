import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { NAME_REST_MS } from '../limits.ts';
import { deleteExpired, deletionOf, endDeletion } from '../store/clean.ts';
import { dropEmptyGroups } from '../store/groups.ts';
import { forget } from '../store/kept.ts';
import { deleteUpTo } from '../store/messages.ts';
import { findQueueById, holdQueue } from '../store/queues.ts';
import { READ_COMMITTED } from '../store/tables.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that takes out of a queue (key: its id) what is past its time, or all, once it is deleted. */
export const CLEAN = 'sqs/clean';

/** Deleted in one transaction: others have their turn between two. */
const BATCH = 2_000;

export const clean = defineReconciler<Platform>({
  name: CLEAN,
  concurrency: 1,
  async reconcile(ctx, id) {
    const found = await findQueueById(ctx.db, id);
    if (!found) return empty(ctx, id);
    const now = ctx.clock.now().getTime();
    const deleted = await ctx.transaction(async (tx) => {
      if (found.settings.fifo && (await holdQueue(tx, id)) === undefined) return 0;
      await forget(tx, 'sqs_deduplication', { queueId: id, now });
      await forget(tx, 'sqs_attempt', { queueId: id, now });
      const count = await deleteExpired(tx, id, now - found.settings.retentionMs, BATCH);
      if (found.settings.fifo && count > 0) await dropEmptyGroups(tx, id);
      return count;
    }, READ_COMMITTED);
    return deleted === BATCH ? 'now' : undefined;
  },
  sweep: sweeps[CLEAN],
});

/** A send that began before the deletion may still come: all goes once more when the name may be used again. */
async function empty(ctx: Platform, id: string): Promise<Date | 'now' | undefined> {
  const deletedAt = await deletionOf(ctx.db, id);
  if (deletedAt === undefined) return undefined;
  const deleted = await ctx.transaction(
    (tx) => deleteUpTo(tx, id, undefined, BATCH),
    READ_COMMITTED,
  );
  if (deleted === BATCH) return 'now';
  const free = new Date(deletedAt + NAME_REST_MS);
  if (free > ctx.clock.now()) return free;
  await ctx.transaction(async (tx) => {
    await dropEmptyGroups(tx, id);
    await forget(tx, 'sqs_deduplication', { queueId: id });
    await forget(tx, 'sqs_attempt', { queueId: id });
    await endDeletion(tx, id);
  }, READ_COMMITTED);
  return undefined;
}
