import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { HISTORY_MS } from '../limits.ts';
import { forgetHistory } from '../store/history.ts';
import { sweeps } from '../sweeps.ts';
import { HISTORY } from './names.ts';

/** Forgets activities and refreshes that are shown no more, of groups that are and that were. */
export const historyReconciler = defineReconciler<Platform>({
  name: HISTORY,
  async reconcile(platform) {
    const before = platform.clock.now().getTime() - HISTORY_MS;
    await platform.transaction((tx) => forgetHistory(tx, before));
    return undefined;
  },
  sweep: sweeps[HISTORY],
});
