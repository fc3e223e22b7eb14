import { randomUUID } from 'node:crypto';
import { defineReconciler } from '../../../engine/engine.ts';
import { parseSchedule } from '../../../kit/schedule/schedule.ts';
import type { Platform } from '../../../kit/service.ts';
import { owe } from '../delivery/fan-out.ts';
import { SCHEDULE } from '../delivery/names.ts';
import { ruleOfKey } from '../delivery/schedule-key.ts';
import type { BusEvent } from '../model/event.ts';
import { isEnabled, type Rule } from '../model/rule.ts';
import { findRule, goOn } from '../store/rules.ts';
import { listTargets } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';

/** Many are due at the same minute: what decides is the row of each, not what else was read. */
const ONE_ROW = { isolation: 'read committed' } as const;

/** Fires a rule's schedule when it is due. What was due several times while the server was down fires once. */
export const schedule = defineReconciler<Platform>({
  name: SCHEDULE,
  async reconcile(ctx, key) {
    const place = ruleOfKey(key);
    return ctx.transaction(async (tx) => {
      const rule = await findRule(tx, place, place.name);
      if (!rule?.nextAt || rule.schedule === undefined || !isEnabled(rule)) return undefined;
      const now = ctx.clock.now();
      if (rule.nextAt > now) return rule.nextAt;
      const next = parseSchedule(rule.schedule).next(now, rule.since);
      if (!(await goOn(tx, rule, next))) return 'now';
      const targetIds = (await listTargets(tx, place)).map(({ Id }) => Id);
      const event = scheduledEvent(rule, rule.nextAt);
      await owe(ctx, tx, { rule: place, ruleArn: rule.arn, targetIds, event });
      return next;
    }, ONE_ROW);
  },
  sweep: sweeps[SCHEDULE],
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html */
const scheduledEvent = ({ accountId, region, arn }: Rule, at: Date): BusEvent => ({
  ...{ version: '0', id: randomUUID(), 'detail-type': 'Scheduled Event', source: 'aws.events' },
  ...{ account: accountId, time: `${at.toISOString().slice(0, 19)}Z`, region },
  ...{ resources: [arn], detail: {} },
});
