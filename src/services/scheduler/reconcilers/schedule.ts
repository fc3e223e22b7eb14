import { randomInt, randomUUID } from 'node:crypto';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { nextOf, type Schedule } from '../model/schedule.ts';
import { saveInvocation } from '../store/invocations.ts';
import { findSchedule, saveSchedule } from '../store/schedules.ts';
import { sweeps } from '../sweeps.ts';
import { INVOKE, placeOf, SCHEDULE } from './names.ts';

const MINUTE_MS = 60_000;

/** Owes a target its call when a schedule is due. What was due several times while the server was down is owed once. */
export const schedule = defineReconciler<Platform>({
  name: SCHEDULE,
  async reconcile(ctx, key) {
    const spread = randomInt(1_000_000) / 1_000_000;
    return ctx.transaction(async (tx) => {
      const found = await findSchedule(tx, placeOf(key));
      if (!found?.nextAt) return undefined;
      const now = ctx.clock.now();
      if (found.nextAt > now) return found.nextAt;
      const { nextAt: scheduledAt, ...its } = found;
      const next = nextOf(found, now, found.modifiedAt);
      const id = randomUUID();
      const dueAt = new Date(now.getTime() + spread * windowOf(found));
      const { accountId, region, group, name, arn, target } = found;
      const isLast = !next && found.afterCompletion === 'DELETE';
      await saveInvocation(tx, {
        ...{ id, schedule: { accountId, region, group, name }, arn, target, scheduledAt },
        ...{ startedAt: now, dueAt, attempts: 0, isLast },
      });
      await ctx.engine.wake(tx, INVOKE, id, dueAt);
      await saveSchedule(tx, next ? { ...its, nextAt: next } : its);
      return next;
    });
  },
  sweep: sweeps[SCHEDULE],
});

/** How much later than its time a schedule may call its target, in milliseconds. */
const windowOf = ({ window: { Mode, MaximumWindowInMinutes = 0 } }: Schedule) =>
  Mode === 'FLEXIBLE' ? MaximumWindowInMinutes * MINUTE_MS : 0;
