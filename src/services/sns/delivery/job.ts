import type { Platform } from '../../../kit/service.ts';
import type { DeliveryPolicy } from '../model/delivery-policy.ts';
import type { Message } from '../model/message.ts';
import { documentOf, formatDocument } from '../model/notification.ts';
import type { Subscription } from '../model/subscription.ts';
import type { Topic } from '../model/topic.ts';
import { linksOf } from './links.ts';
import { sign } from './signer.ts';

/** What is delivered to whom. */
export interface Job {
  message: Message;
  subscription: Subscription;
  topic: Topic;
  policy: DeliveryPolicy;
  signal: AbortSignal;
}

/** Only messages that were published: what asks for a confirmation is always a document. */
export const isRaw = ({ message, subscription }: Job) =>
  message.type === 'Notification' && subscription.attributes.RawMessageDelivery === 'true';

/** The signed document, as text. */
export async function signedDocument(
  ctx: Platform,
  { message, subscription, topic }: Job,
): Promise<string> {
  const links = linksOf(ctx, subscription.arn, message);
  const document = documentOf(message, subscription, links);
  return formatDocument(await sign(ctx, document, topic.attributes.SignatureVersion));
}
