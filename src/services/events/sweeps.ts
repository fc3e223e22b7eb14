import type { Sweeps } from '../../kit/manifest.ts';
import { keyOf } from './delivery/schedule-key.ts';
import { listAllArchives } from './store/archives.ts';
import { listAllConnections } from './store/connections.ts';
import { listDueDeliveries } from './store/deliveries.ts';
import { heard } from './store/heard.ts';
import { isForgettable, listAllReplays } from './store/replays.ts';
import { listDueRules } from './store/rules.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'events/deliver': ({ db, clock }) => listDueDeliveries(db, clock.now().getTime()),
  'events/schedule': async ({ db, clock }) =>
    (await listDueRules(db, clock.now().getTime())).map(keyOf),
  'events/replay': async ({ db }) =>
    (await listAllReplays(db)).filter(({ endedAt }) => !endedAt).map(({ arn }) => arn),
  'events/authorize': async ({ db }) =>
    (await listAllConnections(db))
      .filter(({ state }) => state === 'AUTHORIZING')
      .map(({ arn }) => arn),
  // Nothing is loaded where there is nothing to forget.
  'events/collect': async ({ db, clock }) =>
    (await heard.isOverdue(db, clock.now())) ||
    (await listAllReplays(db)).some((replay) => isForgettable(replay, clock.now())) ||
    (await listAllArchives(db)).some(({ retentionDays }) => retentionDays)
      ? ['all']
      : [],
} satisfies Sweeps;
