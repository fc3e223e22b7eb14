import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { CONFIRMATION_MS } from '../limits.ts';
import type { Message } from '../model/message.ts';
import type { Subscription } from '../model/subscription.ts';
import { EXPIRE, LANES } from '../reconcilers/names.ts';
import { insertDeliveries, insertMessage } from '../store/deliveries.ts';
import { updateSubscription } from '../store/subscriptions.ts';

const TOKEN_BYTES = 120;

/** What is kept of a token: who reads the database cannot confirm by it. */
export const tokenHash = (token: string) => createHash('sha256').update(token).digest('hex');

/** Sends the endpoint what it is confirmed by; a token that it was sent before counts no more. */
export async function askForConfirmation(
  ctx: Pick<Platform, 'clock' | 'engine'>,
  tx: Tx,
  subscription: Subscription,
): Promise<Subscription> {
  const now = ctx.clock.now();
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const expiresAt = new Date(now.getTime() + CONFIRMATION_MS);
  const waiting = { ...subscription, tokenHash: tokenHash(token), expiresAt };
  await updateSubscription(tx, waiting);
  const message: Message = {
    id: randomUUID(),
    topicArn: subscription.topicArn,
    type: 'SubscriptionConfirmation',
    timestamp: now,
    message: `You have chosen to subscribe to the topic ${subscription.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    token,
  };
  await insertMessage(tx, message.id, message);
  await insertDeliveries(tx, [
    {
      subscriptionArn: subscription.arn,
      messageId: message.id,
      place: placeAt(now),
      groupKey: message.id,
      dueAt: now,
      attempts: 0,
    },
  ]);
  await ctx.engine.wake(tx, LANES[subscription.lane], subscription.arn);
  await ctx.engine.wake(tx, EXPIRE, subscription.arn, expiresAt);
  return waiting;
}

/** Where a message of that time stands among others. */
export const placeAt = (time: Date) => String(time.getTime()).padStart(15, '0');
