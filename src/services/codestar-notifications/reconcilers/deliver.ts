import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { tellChat } from '../delivery/chat.ts';
import { detailsOf } from '../delivery/details.ts';
import { DELIVER } from '../delivery/names.ts';
import type { Outcome } from '../delivery/outcome.ts';
import { tellTopic } from '../delivery/topic.ts';
import { RETRY_MS } from '../limits.ts';
import { notificationOf } from '../model/message.ts';
import { retryAt } from '../model/retry.ts';
import { type NotificationRule, type NotificationTarget, PREFIX, ruleArn } from '../model/rule.ts';
import { ofQueue } from '../model/target.ts';
import {
  type Delivery,
  deleteDelivery,
  dropQueue,
  firstDelivery,
  updateDelivery,
} from '../store/deliveries.ts';
import { findRule } from '../store/rules.ts';
import { findTargets, setStatus } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';

/** Tells a target what a rule owes it, one after the other, in the order in which it happened. */
export const deliver = defineReconciler<Platform>({
  name: DELIVER,
  concurrency: 48,
  async reconcile(ctx, queue) {
    const delivery = await firstDelivery(ctx.db, queue);
    if (!delivery) return undefined;
    if (delivery.nextAt && delivery.nextAt > ctx.clock.now()) return delivery.nextAt;
    const found = await findBoth(ctx, queue);
    if (!found) {
      await ctx.transaction((tx) => dropQueue(tx, queue));
      return undefined;
    }
    const outcome = await tell(ctx, found, delivery);
    return settle(ctx, found, delivery, outcome);
  },
  sweep: sweeps[DELIVER],
});

interface Found {
  rule: NotificationRule;
  target: NotificationTarget;
}

/** Undefined where the rule or its target is gone. */
async function findBoth(ctx: Platform, queue: string): Promise<Found | undefined> {
  const { rule: arn, address } = ofQueue(queue);
  const place = parseArn(arn);
  const rule = place && (await findRule(ctx.db, place, place.resource.slice(PREFIX.length)));
  if (!rule?.targets.includes(address)) return undefined;
  const [target] = await findTargets(ctx.db, rule, [address]);
  return target && { rule, target };
}

async function tell(ctx: Platform, { rule, target }: Found, { event }: Delivery): Promise<Outcome> {
  const arn = ruleArn(rule);
  const details = rule.detailType === 'FULL' ? await detailsOf(ctx, arn, event) : {};
  const notification = notificationOf(event, arn, details);
  return target.type === 'SNS'
    ? tellTopic(ctx, target.address, notification)
    : tellChat(ctx, target, event, notification);
}

async function settle(
  ctx: Platform,
  { rule, target }: Found,
  delivery: Delivery,
  outcome: Outcome,
): Promise<Date | 'now'> {
  const attempts = delivery.attempts + 1;
  const now = ctx.clock.now();
  const nextAt = outcome.kind === 'failed' ? retryAt(attempts, now) : undefined;
  const isLost = !nextAt || nextAt.getTime() > delivery.startedAt.getTime() + RETRY_MS;
  const { address } = target;
  if (outcome.kind !== 'told' && isLost)
    ctx.log.warn(
      { rule: ruleArn(rule), target: address, reason: outcome.reason },
      'a notification could not be delivered; it is dropped',
    );
  return ctx.transaction(async (tx) => {
    await setStatus(tx, rule, address, outcome.kind === 'told' ? 'ACTIVE' : 'UNREACHABLE');
    if (nextAt && !isLost) {
      await updateDelivery(tx, { ...delivery, attempts, nextAt });
      return nextAt;
    }
    await deleteDelivery(tx, delivery);
    return 'now';
  });
}
