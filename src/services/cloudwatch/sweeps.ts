import type { Sweeps } from '../../kit/manifest.ts';
import { COUNTED_MS, HISTORY_KEPT_MS, MERGED_AFTER_MS, RETENTION } from './limits.ts';
import { turnAt } from './model/wheel.ts';
import { openActions } from './store/actions.ts';
import { compositeOwners, lastTick, wheelSpeeds } from './store/alarms.ts';
import { hasChunks } from './store/chunks.ts';
import { hasHistoryBefore } from './store/history.ts';
import { hasCountedBefore } from './store/metrics.ts';

/** Actions whose wake-ups are looked after at once. */
const AT_ONCE = 1000;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'cloudwatch/wheel': async ({ db, clock }) => {
    const late: string[] = [];
    for (const everyMs of await wheelSpeeds(db)) {
      const { number } = turnAt(clock.now().getTime(), everyMs);
      if (((await lastTick(db, everyMs)) ?? 0) < number - 1) late.push(String(everyMs));
    }
    return late;
  },
  'cloudwatch/composites': async ({ db }) => compositeOwners(db),
  'cloudwatch/action': ({ db }) => openActions(db, AT_ONCE),
  'cloudwatch/retention': async ({ db, clock }) => {
    const now = clock.now().getTime();
    for (const { resolution, keptFor } of RETENTION) {
      const fresh = { fresh: true, resolution, before: now - 2 * MERGED_AFTER_MS };
      const old = { fresh: false, resolution, before: now - keptFor };
      if ((await hasChunks(db, fresh)) || (await hasChunks(db, old))) return ['data'];
    }
    const forgettable =
      (await hasHistoryBefore(db, now - HISTORY_KEPT_MS)) ||
      (await hasCountedBefore(db, now - COUNTED_MS));
    return forgettable ? ['data'] : [];
  },
} satisfies Sweeps;
