import type { Platform } from '../../../kit/service.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';
import { ANSWER_MS } from '../limits.ts';
import type { Outcome } from '../model/delivery.ts';
import { textFor } from '../model/notification.ts';
import { isRaw, type Job, signedDocument } from './job.ts';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html */
export async function deliverHttp(ctx: Platform, job: Job): Promise<Outcome> {
  const { message, subscription, policy, signal } = job;
  const raw = isRaw(job);
  const isNotification = message.type === 'Notification';
  try {
    const { status } = await ctx.outbound.send({
      method: 'POST',
      url: subscription.endpoint,
      headers: {
        'x-amz-sns-message-type': message.type,
        'x-amz-sns-message-id': message.id,
        'x-amz-sns-topic-arn': message.topicArn,
        ...(isNotification && { 'x-amz-sns-subscription-arn': subscription.arn }),
        ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
        'content-type': policy.contentType ?? 'text/plain; charset=UTF-8',
        'user-agent': 'Amazon Simple Notification Service Agent',
      },
      body: raw ? textFor(message, subscription.protocol) : await signedDocument(ctx, job),
      timeoutMs: ANSWER_MS,
      signal,
    });
    return outcomeOf(status);
  } catch (error) {
    if (error instanceof OutboundRefused) return { kind: 'refused', reason: error.message };
    if (error instanceof OutboundFailed) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html: what the client is to blame for is final. */
function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const reason = `the endpoint answered with ${status}`;
  const isFinal = status >= 300 && status < 500 && status !== 429;
  return { kind: isFinal ? 'refused' : 'failed', reason };
}
