import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { KEPT_MS } from '../limits.ts';
import { deleteOlder } from '../store/chunks.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that deletes events that are too old. Its one key is `history`. */
const PURGE = 'cloudtrail/purge';

/** Rows a transaction: writers of new events wait for no more than that. */
const AT_ONCE = 100;

export const purge = defineReconciler<Platform>({
  name: PURGE,
  concurrency: 1,
  async reconcile({ clock, transaction }) {
    const before = clock.now().getTime() - KEPT_MS;
    const deleted = await transaction((tx) => deleteOlder(tx, before, AT_ONCE));
    return deleted === AT_ONCE ? 'now' : undefined;
  },
  sweep: sweeps[PURGE],
});
