import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COLLECT } from '../delivery/names.ts';
import { forget } from '../store/deliveries.ts';
import { sweeps } from '../sweeps.ts';

/** The engine's outbox keeps an event for a day: after that it cannot come again. */
const HEARD_MS = 25 * 3_600_000;

export const collect = defineReconciler<Platform>({
  name: COLLECT,
  async reconcile(ctx) {
    await ctx.transaction((tx) => forget(tx, ctx.clock.now().getTime() - HEARD_MS));
    return undefined;
  },
  sweep: sweeps[COLLECT],
});
