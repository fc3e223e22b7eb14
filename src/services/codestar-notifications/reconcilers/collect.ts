import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COLLECT } from '../delivery/names.ts';
import { HEARD_MS } from '../limits.ts';
import { forget } from '../store/deliveries.ts';
import { sweeps } from '../sweeps.ts';

export const collect = defineReconciler<Platform>({
  name: COLLECT,
  async reconcile(ctx) {
    await ctx.transaction((tx) => forget(tx, ctx.clock.now().getTime() - HEARD_MS));
    return undefined;
  },
  sweep: sweeps[COLLECT],
});
