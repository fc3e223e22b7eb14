import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { LATE_PLACE_MS } from '../limits.ts';
import { removeTemporary, workId } from '../run/work-place.ts';
import * as store from '../store/builds.ts';
import { LEFTOVERS, parseBuildKey } from './names.ts';
import { leaveNetwork } from './places.ts';

/**
 * Ends and removes what a build has left behind, when it was over while whatever ran it was away: a Docker Engine that comes
 * back has the container still, and runs it on. Tried until it succeeds, also once the build was deleted: its key tells
 * which work was its own. Other servers' work on the same engine has other ids. A place of which nobody has heard may still be
 * in the making, and is looked for once more, later.
 */
export const leftoversReconciler = defineReconciler<Platform>({
  name: LEFTOVERS,
  async reconcile(platform, key) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await store.findBuild(platform.db, owner, id);
    // Whoever ends it wakes this again.
    if (stored && stored.slot !== 'done') return undefined;
    const handle = stored?.run.handle;
    if (handle) await platform.executors.remove(handle);
    else await platform.executors.removeWork(workId({ id }));
    await removeTemporary(platform.config, { id });
    if (stored)
      await platform.transaction((tx) => leaveNetwork(platform, tx, owner, stored.inputs));
    const late = handle ? undefined : stored?.build.endTime;
    if (!late) return undefined;
    const again = new Date(late.getTime() + LATE_PLACE_MS);
    return platform.clock.now() < again ? again : undefined;
  },
});
