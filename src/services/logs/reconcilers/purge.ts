import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { retentionStart } from '../model/retention.ts';
import { purgeChunks } from '../store/chunks.ts';
import { findGroupById } from '../store/groups.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that deletes events whose group or stream is gone, or that have expired. */
export const PURGE = 'logs/purge';

export const streamKey = (id: string) => `stream:${id}`;

/** Rows a transaction: writers of new events wait for no more than that. */
const CHUNKS_AT_ONCE = 200;

export const purge = defineReconciler<Platform>({
  name: PURGE,
  concurrency: 1,
  async reconcile(ctx, key) {
    const [kind, id = ''] = key.split(':');
    const more = await ctx.transaction(async (tx) => {
      if (kind === 'stream') return purgeChunks(tx, { streamId: id }, CHUNKS_AT_ONCE);
      const group = await findGroupById(tx, id);
      if (!group) return purgeChunks(tx, { groupId: id }, CHUNKS_AT_ONCE);
      const before = retentionStart(ctx.clock.now(), group.retention_days);
      return purgeChunks(tx, { groupId: id, before }, CHUNKS_AT_ONCE);
    });
    return more ? 'now' : undefined;
  },
  sweep: sweeps[PURGE],
});
