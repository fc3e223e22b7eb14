import type { Sweeps } from '../../kit/manifest.ts';
import { keyOf } from './delivery/schedule-key.ts';
import { HEARD_MS } from './limits.ts';
import { listAllArchives } from './store/archives.ts';
import { listAllConnections } from './store/connections.ts';
import { isOverdue, listDueDeliveries } from './store/deliveries.ts';
import { listAllReplays } from './store/replays.ts';
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
    (await isOverdue(db, clock.now().getTime() - HEARD_MS)) ||
    (await listAllArchives(db)).some(({ retentionDays }) => retentionDays)
      ? ['all']
      : [],
} satisfies Sweeps;
