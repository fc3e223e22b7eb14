import type { Sweeps } from '../../kit/manifest.ts';
import { QUERY_KEPT_MS } from './limits.ts';
import { groupsWithRetention } from './store/groups.ts';
import { queriesToSee } from './store/queries.ts';

/** The purge of a group, as a key of `logs/purge`. */
export const groupKey = (id: string) => `group:${id}`;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'logs/purge': async ({ db }) => (await groupsWithRetention(db)).map(({ id }) => groupKey(id)),
  'logs/query': async ({ db, clock }) => queriesToSee(db, clock.now().getTime() - QUERY_KEPT_MS),
} satisfies Sweeps;
