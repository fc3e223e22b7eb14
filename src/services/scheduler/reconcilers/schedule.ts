import { randomInt, randomUUID } from 'node:crypto';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { nextOf, type Schedule } from '../model/schedule.ts';
import { invocations } from '../store/invocations.ts';
import { findSchedule, goOn } from '../store/schedules.ts';
import { sweeps } from '../sweeps.ts';
import { LANES, placeOf, SCHEDULE } from './names.ts';

const MINUTE_MS = 60_000;
/** Many are due at the same minute: what decides is the row of each, not what else was read. */
const ONE_ROW = { isolation: 'read committed' } as const;

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
      const { nextAt: scheduledAt } = found;
      const next = nextOf(found, now, found.modifiedAt);
      if (!(await goOn(tx, found, next))) return 'now';
      const id = randomUUID();
      const dueAt = new Date(now.getTime() + spread * windowOf(found));
      const { accountId, region, group, name, arn, target } = found;
      const isLast = !next && found.afterCompletion === 'DELETE';
      await invocations.save(tx, {
        ...{ id, schedule: { accountId, region, group, name }, arn, target, scheduledAt },
        ...{ startedAt: now, dueAt, attempts: 0, isLast },
      });
      await ctx.engine.wake(tx, LANES.inner, id, dueAt);
      return next;
    }, ONE_ROW);
  },
  sweep: sweeps[SCHEDULE],
});

/** How much later than its time a schedule may call its target, in milliseconds. */
const windowOf = ({ window: { Mode, MaximumWindowInMinutes = 0 } }: Schedule) =>
  Mode === 'FLEXIBLE' ? MaximumWindowInMinutes * MINUTE_MS : 0;
