import { parseArn } from '../../../aws/arn.ts';
import { putDeliveryRecord } from '../../../kit/delivery/streams.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Outcome } from '../model/delivery.ts';
import { documentOf, textFor } from '../model/notification.ts';
import { isRaw, type Job } from './job.ts';
import { linksOf } from './links.ts';
import { outcomeOf } from './outcome.ts';

/** To a Firehose stream, under the role of the subscription. */
export async function deliverFirehose(ctx: Platform, job: Job): Promise<Outcome> {
  const { subscription, topic } = job;
  const arn = parseArn(subscription.endpoint);
  const { SubscriptionRoleArn: roleArn } = subscription.attributes;
  if (!arn || roleArn === undefined)
    return { kind: 'refused', reason: 'the subscription has no stream or no role' };
  const itself = { service: 'sns.amazonaws.com', sourceArn: topic.arn, region: arn.region };
  // STS takes at most 64 characters.
  const sessionName = `sns-${topic.name}`.slice(0, 64);
  const actAs = { ...itself, roleArn, sessionName };
  try {
    await putDeliveryRecord(ctx, { arn, actAs, data: Buffer.from(recordOf(ctx, job)) });
    return { kind: 'delivered' };
  } catch (error) {
    return outcomeOf(error);
  }
}

/**
 * A document without a signature, and a line of its own among others of a file.
 * https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
 */
function recordOf(ctx: Platform, job: Job): string {
  const { message, subscription } = job;
  if (isRaw(job)) return textFor(message, subscription.protocol);
  const links = linksOf(ctx, subscription.arn, message);
  return `${JSON.stringify(documentOf(message, subscription, links))}\n`;
}
