import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { ORPHAN_AFTER_MS } from '../limits.ts';
import { blobsOf, deleteBlobs } from '../objects/bodies.ts';
import {
  discardedBlobs,
  forgetDiscarded,
  noteOrphanSweep,
  unnamedBlobs,
} from '../store/segments.ts';
import { DISCARDED, discardedBefore, due, sweeps } from '../sweeps.ts';

const BATCH = 200;

/**
 * Deletes blobs that nothing needs: those of overwritten and deleted objects, once readers have had time to
 * finish (on a full disk at once); and those that a crash between their write and the commit of their row left behind.
 */
export const blobsReconciler = defineReconciler<Platform>({
  name: 's3/blobs',
  reconcile: (ctx, key) => (key === DISCARDED ? deleteDiscarded(ctx) : deleteOrphans(ctx)),
  sweep: sweeps['s3/blobs'],
});

async function deleteDiscarded(ctx: Platform): Promise<'now' | undefined> {
  const ids = await discardedBlobs(ctx.db, discardedBefore(ctx), BATCH);
  if (ids.length === 0) return undefined;
  await deleteBlobs(ctx, ids);
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
