import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { blobsOf } from '../bodies.ts';
import { DISCARD_AFTER_MS, ORPHAN_AFTER_MS, ORPHAN_SWEEP_MS } from '../limits.ts';
import {
  discardedBlobs,
  forgetDiscarded,
  lastOrphanSweep,
  noteOrphanSweep,
  unnamedBlobs,
} from '../store/segments.ts';

const BATCH = 200;
const DISCARDED = 'discarded';
const ORPHANS = 'orphans';

/**
 * Deletes blobs that nothing needs: those of overwritten and deleted objects, once readers have had time to
 * finish; and those that a crash between their write and the commit of their row left behind.
 */
export const blobsReconciler = defineReconciler<Platform>({
  name: 's3/blobs',
  reconcile: (ctx, key) => (key === DISCARDED ? deleteDiscarded(ctx) : deleteOrphans(ctx)),
  async sweep(ctx) {
    const [discarded] = await discardedBlobs(ctx.db, due(ctx, DISCARD_AFTER_MS), 1);
    const swept = await lastOrphanSweep(ctx.db);
    const orphans = !swept || swept < due(ctx, ORPHAN_SWEEP_MS);
    return [...(discarded ? [DISCARDED] : []), ...(orphans ? [ORPHANS] : [])];
  },
});

async function deleteDiscarded(ctx: Platform): Promise<'now' | undefined> {
  const ids = await discardedBlobs(ctx.db, due(ctx, DISCARD_AFTER_MS), BATCH);
  if (ids.length === 0) return undefined;
  for (const id of ids) await blobsOf(ctx).delete(id);
  // After the files: a crash in between deletes them again, which succeeds.
  await ctx.transaction((tx) => forgetDiscarded(tx, ids));
  return 'now';
}

async function deleteOrphans(ctx: Platform): Promise<undefined> {
  const before = due(ctx, ORPHAN_AFTER_MS);
  let old: string[] = [];
  const deleteUnnamed = async () => {
    for (const id of await unnamedBlobs(ctx.db, old)) await blobsOf(ctx).delete(id);
    old = [];
  };
  for await (const { id, storedAt } of blobsOf(ctx).list()) {
    if (storedAt < before) old.push(id);
    if (old.length >= BATCH) await deleteUnnamed();
  }
  await deleteUnnamed();
  await ctx.transaction((tx) => noteOrphanSweep(tx, ctx.clock.now()));
}

function due(ctx: Platform, ms: number): Date {
  return new Date(ctx.clock.now().getTime() - ms);
}
