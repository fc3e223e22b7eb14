import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COLLECT } from '../delivery/names.ts';
import { HEARD_MS, keptSince } from '../model/kept.ts';
import { expireArchived, listAllArchives } from '../store/archives.ts';
import { forget } from '../store/deliveries.ts';
import { sweeps } from '../sweeps.ts';

export const collect = defineReconciler<Platform>({
  name: COLLECT,
  async reconcile(ctx) {
    const now = ctx.clock.now().getTime();
    await ctx.transaction((tx) => forget(tx, now - HEARD_MS));
    for (const archive of await listAllArchives(ctx.db)) {
      const since = keptSince(archive, now);
      if (since !== undefined) await ctx.transaction((tx) => expireArchived(tx, archive.id, since));
    }
    return undefined;
  },
  sweep: sweeps[COLLECT],
});
