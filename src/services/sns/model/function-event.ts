import type { Document } from './notification.ts';

/**
 * What a function gets of a message, raw or not.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function functionEvent(document: Document, subscriptionArn: string): string {
  const { SigningCertURL, UnsubscribeURL, SubscribeURL, ...members } = document;
  const Sns = {
    ...members,
    Subject: members.Subject ?? null,
    MessageAttributes: members.MessageAttributes ?? {},
    SigningCertUrl: SigningCertURL,
    UnsubscribeUrl: UnsubscribeURL,
    SubscribeUrl: SubscribeURL,
  };
  const EventSource = 'aws:sns';
  const record = { EventVersion: '1.0', EventSource, EventSubscriptionArn: subscriptionArn, Sns };
  return JSON.stringify({ Records: [record] });
}
