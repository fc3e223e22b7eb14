import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { deliverFirehose } from '../delivery/firehose.ts';
import { deliverFunction } from '../delivery/function.ts';
import { deliverHttp } from '../delivery/http.ts';
import type { Job } from '../delivery/job.ts';
import { deliverMail } from '../delivery/mail.ts';
import { deliverDead, deliverQueue } from '../delivery/queue.ts';
import { afterAttempt, type Delivery, type Outcome } from '../model/delivery.ts';
import {
  mailRetryDelay,
  policyOf,
  retryDelay,
  serviceRetryDelay,
} from '../model/delivery-policy.ts';
import {
  isPending,
  type Lane,
  laneOf,
  type Protocol,
  type Subscription,
} from '../model/subscription.ts';
import { deadLetterQueueOf } from '../model/subscription-attributes.ts';
import { openMessage } from '../publishing/sealing.ts';
import {
  deleteDelivery,
  deleteSome,
  findMessage,
  listDue,
  nextDue,
  updateDelivery,
} from '../store/deliveries.ts';
import { findSubscription, setLane } from '../store/subscriptions.ts';
import { findTopic } from '../store/topics.ts';
import { sweeps } from '../sweeps.ts';
import { LANES } from './names.ts';

/** Deliveries of one subscription at once. */
const AT_ONCE = 10;
/** Who takes longer than this does so in a lane of its own. */
const SLOW_MS = 2000;
/** Most of the time of a delivery is waiting. */
const SUBSCRIPTIONS_AT_ONCE = 48;

const reconcilerOf = (lane: Lane) =>
  defineReconciler<Platform>({
    name: LANES[lane],
    concurrency: SUBSCRIPTIONS_AT_ONCE,
    reconcile: (ctx, arn, signal) => deliver(ctx, lane, arn, signal),
    sweep: sweeps[LANES[lane] as keyof typeof sweeps],
  });

export const deliverInside = reconcilerOf('inner');
export const deliverOutside = reconcilerOf('outer');
export const deliverAgain = reconcilerOf('waiting');

type Work = Omit<Job, 'message'>;

async function deliver(
  ctx: Platform,
  lane: Lane,
  arn: string,
  signal: AbortSignal,
): Promise<Date | 'now' | undefined> {
  const subscription = await findSubscription(ctx.db, arn);
  const topic = subscription && (await findTopic(ctx.db, subscription.topicArn));
  if (!topic) return (await ctx.transaction((tx) => deleteSome(tx, arn))) ? 'now' : undefined;
  if (subscription.lane !== lane) {
    await ctx.transaction((tx) => ctx.engine.wake(tx, LANES[subscription.lane], arn));
    return undefined;
  }
  const { attributes } = subscription;
  const policy = policyOf(topic.attributes.DeliveryPolicy, attributes.DeliveryPolicy);
  const { maxReceivesPerSecond: most = AT_ONCE } = policy;
  const now = ctx.clock.now().getTime();
  const due = await listDue(ctx.db, arn, { now, limit: Math.min(most, AT_ONCE) });
  const started = performance.now();
  const work = { subscription, topic, policy, signal };
  const ended = await Promise.allSettled(due.map((delivery) => attempt(ctx, work, delivery)));
  const outcomes = ended.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
  if (signal.aborted) return 'now';
  const isSlow = performance.now() - started > SLOW_MS;
  const next = await settle(ctx, work, { due, outcomes, isSlow });
  // What is no outcome is a fault of ours: it is tried again as those are, once what went well is done.
  const fault = ended.find((one) => one.status === 'rejected');
  if (fault) throw fault.reason;
  if (!next || due.length === 0 || policy.maxReceivesPerSecond === undefined) return next;
  const turn = ctx.clock.now().getTime() + (due.length * 1000) / most;
  return new Date(Math.max(turn, next === 'now' ? 0 : next.getTime()));
}

async function attempt(ctx: Platform, work: Work, delivery: Delivery): Promise<Outcome> {
  const stored = await findMessage(ctx.db, delivery.messageId);
  if (!stored) return { kind: 'delivered' };
  const message = await openMessage(ctx, work.topic, delivery.messageId, stored);
  if ('kind' in message) return message;
  // Confirmed in the meantime.
  if (message.type === 'SubscriptionConfirmation' && !isPending(work.subscription))
    return { kind: 'delivered' };
  const job = { ...work, message };
  const { RedrivePolicy } = work.subscription.attributes;
  if (delivery.dead === undefined) return deliverTo(ctx, job);
  return RedrivePolicy === undefined
    ? { kind: 'refused', reason: 'there is no dead-letter queue any more' }
    : deliverDead(ctx, job, deadLetterQueueOf(RedrivePolicy), delivery.dead);
}

function deliverTo(ctx: Platform, job: Job): Promise<Outcome> {
  return DELIVERING[job.subscription.protocol](ctx, job);
}

const DELIVERING: Record<Protocol, (ctx: Platform, job: Job) => Promise<Outcome>> = {
  ...{ http: deliverHttp, https: deliverHttp, email: deliverMail, 'email-json': deliverMail },
  ...{ sqs: deliverQueue, lambda: deliverFunction, firehose: deliverFirehose },
};

interface Attempts {
  due: Delivery[];
  outcomes: (Outcome | undefined)[];
  isSlow: boolean;
}

async function settle(
  ctx: Platform,
  { subscription, policy, topic }: Work,
  { due, outcomes, isSlow }: Attempts,
): Promise<Date | 'now' | undefined> {
  const { arn, protocol } = subscription;
  const now = ctx.clock.now();
  const hasDeadLetterQueue = subscription.attributes.RedrivePolicy !== undefined;
  const after = due.map((delivery, index) => {
    const outcome = outcomes[index];
    if (!outcome) return undefined;
    const delay = delivery.dead === undefined ? delayOf(subscription, policy) : serviceRetryDelay;
    return afterAttempt(delivery, outcome, { now, retryDelay: delay, hasDeadLetterQueue });
  });
  const failed = outcomes.some((outcome) => outcome?.kind === 'failed');
  const lane = failed || isSlow ? 'waiting' : laneOf(protocol);
  return ctx.transaction(async (tx) => {
    for (const [index, delivery] of due.entries()) {
      const left = after[index];
      if (left === 'done' || left === 'lost') await deleteDelivery(tx, delivery);
      else if (left) await updateDelivery(tx, left);
      if (left === 'lost') noteLost(ctx, { arn, topicArn: topic.arn }, outcomes[index]);
    }
    const next = await nextDue(tx, arn);
    if (due.length === 0 || lane === subscription.lane)
      return next && next <= now ? ('now' as const) : next;
    await setLane(tx, arn, lane);
    if (next) await ctx.engine.wake(tx, LANES[lane], arn, next);
    return undefined;
  });
}

function delayOf({ protocol }: Subscription, { retries }: Work['policy']) {
  if (protocol === 'http' || protocol === 'https') return (n: number) => retryDelay(retries, n);
  return protocol === 'email' || protocol === 'email-json' ? mailRetryDelay : serviceRetryDelay;
}

function noteLost(ctx: Platform, of: object, outcome: Outcome | undefined): void {
  const { reason = '' } = (outcome ?? {}) as { reason?: string };
  ctx.log.warn(
    { ...of, reason },
    'a message could not be delivered, and no dead-letter queue has it',
  );
}
