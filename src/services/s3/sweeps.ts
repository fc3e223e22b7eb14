import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/platform.ts';
import { DISCARD_AFTER_MS, ORPHAN_SWEEP_MS } from './limits.ts';
import { NOTIFY } from './notifications/names.ts';
import { blobsOf } from './objects/bodies.ts';
import { owedDestinations } from './store/notifications.ts';
import { discardedBlobs, lastOrphanSweep } from './store/segments.ts';

/** Keys of `s3/blobs`. */
export const DISCARDED = 'discarded';
const ORPHANS = 'orphans';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  async 's3/blobs'(ctx) {
    const [discarded] = await discardedBlobs(ctx.db, discardedBefore(ctx), 1);
    const swept = await lastOrphanSweep(ctx.db);
    const orphans = (!swept || swept < due(ctx, ORPHAN_SWEEP_MS)) && (await hasBlobs(ctx));
    return [...(discarded ? [DISCARDED] : []), ...(orphans ? [ORPHANS] : [])];
  },
  [NOTIFY]: ({ db }) => owedDestinations(db),
} satisfies Sweeps;

/** A server that keeps nothing need not load S3 to find that out. */
async function hasBlobs(ctx: Platform): Promise<boolean> {
  for await (const _ of blobsOf(ctx).list()) return true;
  return false;
}

/** What was discarded before goes: on a full disk without waiting for those who still read it. */
export function discardedBefore(ctx: Pick<Platform, 'clock' | 'disk'>): Date {
  // Until now, and not before it: a millisecond has room for more than one call.
  return due(ctx, ctx.disk.isFull() ? -1 : DISCARD_AFTER_MS);
}

/** What is older than `ms`, by now. */
export function due({ clock }: Pick<Platform, 'clock'>, ms: number): Date {
  return new Date(clock.now().getTime() - ms);
}
