import { type MessageAttributeValue, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parseArn } from '../../../aws/arn.ts';
import { queueUrl } from '../../../kit/delivery/queue.ts';
import type { Platform } from '../../../kit/service.ts';
import { setOwn } from '../../../lib/own.ts';
import { xmlText } from '../../../lib/xml-text.ts';
import { MAX_RAW_ATTRIBUTES } from '../limits.ts';
import type { Outcome } from '../model/delivery.ts';
import { isBinary, type Message } from '../model/message.ts';
import { textFor } from '../model/notification.ts';
import { isRaw, type Job, signedDocument } from './job.ts';
import { outcomeOf } from './outcome.ts';

/** To the subscribed queue. */
export async function deliverQueue(ctx: Platform, job: Job): Promise<Outcome> {
  const { message, subscription } = job;
  if (!isRaw(job))
    return send(ctx, job, subscription.endpoint, { body: await signedDocument(ctx, job) });
  const { attributes = {} } = message;
  if (Object.keys(attributes).length > MAX_RAW_ATTRIBUTES)
    return { kind: 'refused', reason: `a queue takes ${MAX_RAW_ATTRIBUTES} attributes at most` };
  const values: Record<string, MessageAttributeValue> = {};
  for (const [name, attribute] of Object.entries(attributes))
    setOwn(values, name, asQueued(attribute));
  return send(ctx, job, subscription.endpoint, {
    body: textFor(message, 'sqs'),
    attributes: values,
  });
}

const asQueued = (attribute: { type: string; value: string }): MessageAttributeValue => ({
  DataType: attribute.type,
  ...(isBinary(attribute)
    ? { BinaryValue: Buffer.from(attribute.value, 'base64') }
    : { StringValue: attribute.value }),
});

/** To the queue for what could not be delivered. @param reason why it was not */
export async function deliverDead(
  ctx: Platform,
  job: Job,
  queueArn: string,
  reason: string,
): Promise<Outcome> {
  const raw = isRaw(job);
  return send(ctx, job, queueArn, {
    body: raw
      ? xmlText(textFor(job.message, job.subscription.protocol))
      : await signedDocument(ctx, job),
    attributes: {
      ErrorMessage: { DataType: 'String', StringValue: xmlText(reason.slice(0, 1024)) },
    },
  });
}

interface Content {
  body: string;
  attributes?: Record<string, MessageAttributeValue>;
}

async function send(
  ctx: Platform,
  { topic, message }: Job,
  queueArn: string,
  { body, attributes }: Content,
): Promise<Outcome> {
  const queue = parseArn(queueArn);
  if (!queue) return { kind: 'refused', reason: 'the queue has no ARN' };
  const { region, resource } = queue;
  const actAs = { service: 'sns.amazonaws.com', sourceArn: topic.arn, region };
  try {
    await ctx.client(SQSClient, actAs).send(
      new SendMessageCommand({
        QueueUrl: queueUrl(ctx, queue),
        MessageBody: body,
        ...(attributes && { MessageAttributes: attributes }),
        ...orderOf(message, resource),
      }),
    );
    return { kind: 'delivered' };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** FIFO queues take both; a standard one takes the group, for a fair share of the queue. */
function orderOf({ groupId, deduplicationId, sequenceNumber }: Message, queue: string) {
  if (!queue.endsWith('.fifo'))
    return sequenceNumber === undefined && groupId !== undefined ? { MessageGroupId: groupId } : {};
  return { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId };
}
