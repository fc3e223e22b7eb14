import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/service.ts';
import type { Lane } from './model/subscription.ts';
import { listOrphaned, listWaiting } from './store/deliveries.ts';
import { listExpired } from './store/subscriptions.ts';

const waiting = ({ db, clock }: Platform, lane: Lane) =>
  listWaiting(db, lane, clock.now().getTime());

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'sns/deliver': async (ctx) => [...(await waiting(ctx, 'inner')), ...(await listOrphaned(ctx.db))],
  'sns/deliver-outside': (ctx) => waiting(ctx, 'outer'),
  'sns/deliver-again': (ctx) => waiting(ctx, 'waiting'),
  'sns/expire': ({ db, clock }) => listExpired(db, clock.now().getTime()),
} satisfies Sweeps;
