import type { Sweeps } from '../../kit/manifest.ts';
import { groupsWithRetention } from './store/groups.ts';

/** The purge of a group, as a key of `logs/purge`. */
export const groupKey = (id: string) => `group:${id}`;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'logs/purge': async ({ db }) => (await groupsWithRetention(db)).map(({ id }) => groupKey(id)),
} satisfies Sweeps;
