import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import { send } from '../notifications/destination.ts';
import { NOTIFY } from '../notifications/names.ts';
import { deleteOwed, firstOwed, type OwedMessage, updateOwed } from '../store/notifications.ts';
import { sweeps } from '../sweeps.ts';

/** So many in one run, then others have their turn. */
const BATCH = 20;
const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;
/** Who refuses is given a while to let S3 in; who is away, a day. */
const REFUSED_MS = 5 * 60_000;
const AWAY_MS = 24 * 60 * 60_000;

/** Brings a bucket's messages to a queue or a topic: one after another, each at least once. */
export const notify = defineReconciler<Platform>({
  name: NOTIFY,
  concurrency: 16,
  async reconcile(ctx, destination) {
    for (let n = 0; n < BATCH; n++) {
      const owed = await firstOwed(ctx.db, destination);
      if (!owed) return undefined;
      if (owed.nextAt && owed.nextAt > ctx.clock.now()) return owed.nextAt;
      const next = await bring(ctx, owed);
      if (next) return next;
    }
    return 'now';
  },
  sweep: sweeps[NOTIFY],
});

/** @returns when to try again */
async function bring(ctx: Platform, owed: OwedMessage): Promise<Date | undefined> {
  try {
    await send(ctx, owed.destination, owed);
  } catch (error) {
    return failed(ctx, owed, failureOf(error));
  }
  await ctx.transaction((tx) => deleteOwed(tx, owed.id));
  return undefined;
}

async function failed(
  ctx: Platform,
  owed: OwedMessage,
  failure: Failure,
): Promise<Date | undefined> {
  const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(owed.attempts, 20));
  const nextAt = new Date(ctx.clock.now().getTime() + wait);
  const age = nextAt.getTime() - owed.createdAt.getTime();
  if (age > (failure.again ? AWAY_MS : REFUSED_MS)) {
    const { destination } = owed;
    ctx.log.warn({ destination, failure }, 'a notification could not be delivered; it is dropped');
    await ctx.transaction((tx) => deleteOwed(tx, owed.id));
    return undefined;
  }
  await ctx.transaction((tx) => updateOwed(tx, { ...owed, attempts: owed.attempts + 1, nextAt }));
  return nextAt;
}
