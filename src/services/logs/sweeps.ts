import type { Sweeps } from '../../kit/manifest.ts';
import { QUERY_KEPT_MS } from './limits.ts';
import { exportsToRun } from './store/exports.ts';
import { groupsWithRetention } from './store/groups.ts';
import { groupsToFilter } from './store/metric-filters.ts';
import { queriesToSee } from './store/queries.ts';
import { subscriptionsToServe } from './store/subscriptions.ts';

/** The purge of a group, as a key of `logs/purge`. */
export const groupKey = (id: string) => `group:${id}`;

/** Name of the reconciler that makes metrics of what metric filters find, by group. */
export const METRICS = 'logs/metrics';

/** Name of the reconciler that delivers events to whoever has subscribed to a group, by subscription. */
export const SUBSCRIPTION = 'logs/subscription';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'logs/purge': async ({ db }) => (await groupsWithRetention(db)).map(({ id }) => groupKey(id)),
  'logs/export': ({ db }) => exportsToRun(db),
  'logs/metrics': ({ db }) => groupsToFilter(db),
  'logs/subscription': ({ db }) => subscriptionsToServe(db),
  'logs/query': async ({ db, clock }) => queriesToSee(db, clock.now().getTime() - QUERY_KEPT_MS),
} satisfies Sweeps;
