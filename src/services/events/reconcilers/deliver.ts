import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { AT_ONCE, type Lane, laneOf, makeRoom } from '../../../kit/delivery/lanes.ts';
import { type Exhausted, nextBurial, nextTry } from '../../../kit/delivery/retry.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { buryEvent } from '../delivery/dead-letter.ts';
import { LANES } from '../delivery/names.ts';
import { apiDestination } from '../delivery/targets/api-destination.ts';
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

const room = makeRoom();

/** Brings an event to a target: at least once, again and again for a day, and else to the target's dead-letter queue. */
const deliverBy = (lane: Lane) => ({
  name: LANES[lane],
  concurrency: AT_ONCE,
  async reconcile(ctx: Platform, id: string) {
    const delivery = await findDelivery(ctx.db, id);
    if (!delivery) return undefined;
    if (delivery.dueAt > ctx.clock.now()) return delivery.dueAt;
    const target = await findTarget(ctx.db, delivery.rule, delivery.targetId);
    // A target that was removed gets nothing more.
    if (!target) return done(ctx, id);
    const its = laneOf(isOutside(ctx, target), delivery);
    if (its !== lane) return handOver(ctx, its, delivery);
    const leave = lane === 'outside' ? room.enter(target.Arn ?? '') : () => {};
    // Noted with it: whoever finds it again brings it to the same lane.
    if (!leave) return handOver(ctx, 'again', { ...delivery, crowded: true });
    try {
      const failure = await send(ctx, delivery, target);
      if (!failure) return await done(ctx, id);
      return await failed(ctx, { ...delivery, attempts: delivery.attempts + 1 }, target, failure);
    } finally {
      leave();
    }
  },
});

async function handOver(ctx: Platform, lane: Lane, delivery: Delivery): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    if (delivery.crowded) await updateDelivery(tx, delivery);
    await ctx.engine.wake(tx, LANES[lane], delivery.id);
  });
}

export const deliver = defineReconciler<Platform>({
  ...deliverBy('inner'),
  sweep: sweeps[LANES.inner as keyof typeof sweeps],
});
export const deliverOutside = defineReconciler<Platform>(deliverBy('outside'));
export const deliverAgain = defineReconciler<Platform>(deliverBy('again'));

function isOutside({ config }: Platform, { Arn }: RuleTarget): boolean {
  const arn = parseArn(Arn);
  if (!arn) return false;
  return kindOf(arn) === apiDestination || config.upstream[arn.service] !== undefined;
}

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
  try {
    const input = inputFor(target, event, { ruleArn, ruleName: rule.name, ingestedAt: startedAt });
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

async function later(ctx: Platform, delivery: Delivery, dueAt: Date): Promise<Date> {
  await ctx.transaction((tx) => updateDelivery(tx, { ...delivery, dueAt }));
  return dueAt;
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
  if (next instanceof Date) return later(ctx, delivery, next);
  const queueArn = target.DeadLetterConfig?.Arn;
  const why = { delivery: delivery.id, rule: delivery.ruleArn, target: target.Arn, failure };
  if (queueArn === undefined) ctx.log.warn(why, 'an event could not be delivered; it is dropped');
  else {
    const dead = { delivery, queueArn, targetArn: target.Arn, failure };
    const lost = await buryEvent(ctx, next === undefined ? dead : { ...dead, exhausted: next });
    const again = lost?.again ? nextBurial(times) : undefined;
    if (again) return later(ctx, delivery, again);
    if (lost)
      ctx.log.warn({ ...why, lost }, 'an event could not be put into the dead-letter queue');
  }
  return done(ctx, delivery.id);
}
