import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COMBINE, openOf } from '../model/batch/groups.ts';
import { combineArtifacts } from '../run/combine.ts';
import { startBuilds } from '../run/start-builds.ts';
import { stopBuilds } from '../run/stop-builds.ts';
import * as store from '../store/batches.ts';
import { sweeps } from '../sweeps.ts';
import { BATCH_WORK, parseBuildKey } from './names.ts';

/** Does what a batch has asked for: each build has its id before it is started, so that none is started twice. */
export const batchWorkReconciler = defineReconciler<Platform>({
  name: BATCH_WORK,
  async reconcile(platform, key, signal) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await store.findBatch(platform.db, owner, id);
    if (!stored || stored.slot === 'done') return undefined;
    await stopBuilds(platform, stored);
    const again = await startBuilds(platform, stored);
    if (openOf(stored).includes(COMBINE)) await combineArtifacts(platform, stored, signal);
    return again;
  },
  sweep: sweeps[BATCH_WORK],
});
