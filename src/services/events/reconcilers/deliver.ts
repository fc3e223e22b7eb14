import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { type Exhausted, nextTry } from '../../../kit/delivery/retry.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { buryEvent } from '../delivery/dead-letter.ts';
import { DELIVER } from '../delivery/names.ts';
import { kindOf } from '../delivery/targets/index.ts';
import { inputFor } from '../model/input.ts';
import { SERVICE_PRINCIPAL } from '../model/names.ts';
import type { RuleTarget } from '../model/rule.ts';
import {
  type Delivery,
  deleteDelivery,
  findDelivery,
  updateDelivery,
} from '../store/deliveries.ts';
import { findTarget } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';

/** Brings an event to a target: at least once, again and again for a day, and else to the target's dead-letter queue. */
export const deliver = defineReconciler<Platform>({
  name: DELIVER,
  concurrency: 64,
  async reconcile(ctx, id) {
    const delivery = await findDelivery(ctx.db, id);
    if (!delivery) return undefined;
    if (delivery.dueAt > ctx.clock.now()) return delivery.dueAt;
    const target = await findTarget(ctx.db, delivery.rule, delivery.targetId);
    // A target that was removed gets nothing more.
    const failure = target && (await send(ctx, delivery, target));
    if (!target || !failure) return done(ctx, id);
    return failed(ctx, { ...delivery, attempts: delivery.attempts + 1 }, target, failure);
  },
  sweep: sweeps[DELIVER],
});

async function done(ctx: Platform, id: string): Promise<undefined> {
  await ctx.transaction((tx) => deleteDelivery(tx, id));
}

async function send(
  ctx: Platform,
  delivery: Delivery,
  target: RuleTarget,
): Promise<Failure | undefined> {
  const arn = parseArn(target.Arn);
  const kind = arn && kindOf(arn);
  if (!kind) throw new Error(`A rule has a target of no kind that is known: ${target.Arn}`);
  const { rule, ruleArn, event, startedAt } = delivery;
  const input = inputFor(target, event, { ruleArn, ruleName: rule.name, ingestedAt: startedAt });
  try {
    const actAs = actFor(delivery, target, arn.region || rule.region);
    await kind.send(ctx, { delivery, target, arn, input, actAs });
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** Under the target's role, or as EventBridge for the rule, which policies of queues and topics name. */
function actFor({ rule, ruleArn }: Delivery, { RoleArn }: RuleTarget, region: string): ActAs {
  const itself = { service: SERVICE_PRINCIPAL, sourceArn: ruleArn, region };
  if (RoleArn === undefined) return itself;
  // STS takes at most 64 characters.
  const sessionName = `events-${rule.name}`.slice(0, 64);
  return { ...itself, roleArn: RoleArn, sessionName };
}

async function failed(
  ctx: Platform,
  delivery: Delivery,
  target: RuleTarget,
  failure: Failure,
): Promise<Date | undefined> {
  const { startedAt, attempts } = delivery;
  const times = { retries: attempts - 1, startedAt, now: ctx.clock.now() };
  const next: Date | Exhausted | undefined = failure.again ? nextTry(target, times) : undefined;
  if (next instanceof Date) {
    await ctx.transaction((tx) => updateDelivery(tx, { ...delivery, dueAt: next }));
    return next;
  }
  const queueArn = target.DeadLetterConfig?.Arn;
  const why = { delivery: delivery.id, rule: delivery.ruleArn, target: target.Arn, failure };
  if (queueArn === undefined) ctx.log.warn(why, 'an event could not be delivered; it is dropped');
  else {
    const dead = { delivery, queueArn, targetArn: target.Arn, failure };
    const lost = await buryEvent(ctx, next === undefined ? dead : { ...dead, exhausted: next });
    if (lost)
      ctx.log.warn({ ...why, lost }, 'an event could not be put into the dead-letter queue');
  }
  return done(ctx, delivery.id);
}
