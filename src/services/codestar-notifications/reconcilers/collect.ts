import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COLLECT } from '../delivery/names.ts';
import { heard } from '../store/heard.ts';
import { sweeps } from '../sweeps.ts';

export const collect = defineReconciler<Platform>({
  name: COLLECT,
  async reconcile(ctx) {
    await ctx.transaction((tx) => heard.forget(tx, ctx.clock.now()));
    return undefined;
  },
  sweep: sweeps[COLLECT],
});
