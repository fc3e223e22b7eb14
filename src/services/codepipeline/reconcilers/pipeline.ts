import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { PIPELINE_RECONCILER, settle } from '../settle.ts';
import { sweeps } from '../sweeps.ts';

/**
 * Brings a pipeline to where it can go without anything having happened: time-outs. Everything else moves in
 * the transaction of what moved it (settle.ts); this finds what was missed.
 */
export const pipelineReconciler = defineReconciler<Platform>({
  name: PIPELINE_RECONCILER,
  async reconcile(ctx, key) {
    const settled = await ctx.transaction((tx) => settle(ctx, tx, key, () => undefined));
    return settled?.wakeAt;
  },
  sweep: sweeps[PIPELINE_RECONCILER],
});
