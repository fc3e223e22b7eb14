import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import * as store from '../store/builds.ts';
import { parseBuildKey, STOP } from './names.ts';

/**
 * Ends the driver of a build that StopBuild was called for. Apart from `codebuild/work`, because that one is busy following
 * it; it sees the end, and says why.
 */
export const stopBuildReconciler = defineReconciler<Platform>({
  name: STOP,
  async reconcile(platform, key) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await store.findBuild(platform.db, owner, id);
    if (!stored || stored.slot === 'done' || !stored.stopRequested) return undefined;
    if (stored.run.handle) await platform.executors.stop(stored.run.handle, STOP_GRACE_MS);
    return undefined;
  },
});
