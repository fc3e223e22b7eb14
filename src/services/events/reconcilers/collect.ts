import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COLLECT } from '../delivery/names.ts';
import { expireArchived, listAllArchives } from '../store/archives.ts';
import { heard } from '../store/heard.ts';
import { forgetReplays } from '../store/replays.ts';
import { sweeps } from '../sweeps.ts';

const DAY_MS = 24 * 3_600_000;

export const collect = defineReconciler<Platform>({
  name: COLLECT,
  async reconcile(ctx) {
    const now = ctx.clock.now().getTime();
    await ctx.transaction(async (tx) => {
      await heard.forget(tx, new Date(now));
      await forgetReplays(tx, new Date(now));
    });
    for (const { id, retentionDays } of await listAllArchives(ctx.db))
      if (retentionDays)
        await ctx.transaction((tx) => expireArchived(tx, id, now - retentionDays * DAY_MS));
    return undefined;
  },
  sweep: sweeps[COLLECT],
});
