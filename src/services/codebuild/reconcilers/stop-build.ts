import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import { stops } from '../run/bounds.ts';
import * as store from '../store.ts';

/**
 * Ends the work of a build that StopBuild was called for, and the step that is under way. Apart from `codebuild/build`,
 * because that one is busy with them; it sees the end, and why.
 */
export const stopBuildReconciler = defineReconciler<Platform>({
  name: 'codebuild/stop-build',
  async reconcile(platform, key) {
    const { id, ...owner } = store.parseBuildKey(key);
    const stored = await store.findBuild(platform.db, owner, id);
    if (!stored || stored.slot === 'done' || !stored.stopRequested) return undefined;
    stops.emit('stop', key);
    if (!stored.run.handle) return undefined;
    await platform.executor.stop(stored.run.handle, STOP_GRACE_MS);
    return undefined;
  },
});
