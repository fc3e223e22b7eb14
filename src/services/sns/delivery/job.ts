import type { Platform } from '../../../kit/service.ts';
import type { DeliveryPolicy } from '../model/delivery-policy.ts';
import type { Message } from '../model/message.ts';
import { type Document, documentOf, formatDocument } from '../model/notification.ts';
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

/** The document with its signature. */
export async function signed(
  ctx: Platform,
  { message, subscription, topic }: Job,
): Promise<Document> {
  const links = linksOf(ctx, subscription.arn, message);
  const document = documentOf(message, subscription, links);
  return sign(ctx, document, topic.attributes.SignatureVersion);
}

/** The signed document, as text. */
export const signedDocument = async (ctx: Platform, job: Job): Promise<string> =>
  formatDocument(await signed(ctx, job));
