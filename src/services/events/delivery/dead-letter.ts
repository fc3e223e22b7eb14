import { type Arn, parseArn } from '../../../aws/arn.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import type { Exhausted } from '../../../kit/delivery/retry.ts';
import type { Platform } from '../../../kit/service.ts';
import { SERVICE_PRINCIPAL } from '../model/names.ts';
import type { Delivery } from '../store/deliveries.ts';

export const queueUrl = ({ serverEndpoint }: Platform, { accountId, resource }: Arn) =>
  `${serverEndpoint()}/${accountId}/${resource}`;

interface Dead {
  delivery: Delivery;
  queueArn: string;
  targetArn: string;
  failure: Failure;
  exhausted?: Exhausted;
}

/**
 * Puts what could not be delivered into a queue whose policy lets EventBridge in.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-considerations
 * @returns why it could not be put there, or undefined
 */
export async function bury(ctx: Platform, dead: Dead): Promise<Failure | undefined> {
  const { delivery, queueArn, targetArn, failure, exhausted } = dead;
  const arn = parseArn(queueArn);
  if (!arn) return { code: 'NO_RESOURCE', message: `${queueArn} is no ARN`, again: false };
  const attributes = {
    RULE_ARN: delivery.ruleArn,
    TARGET_ARN: targetArn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    ...(delivery.attempts > 1 && { RETRY_ATTEMPTS: String(delivery.attempts - 1) }),
  };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [
      name,
      { DataType: 'String', StringValue },
    ]),
  );
  const actAs = {
    service: SERVICE_PRINCIPAL,
    sourceArn: delivery.ruleArn,
    region: arn.region,
  };
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  try {
    const message = { QueueUrl: queueUrl(ctx, arn), MessageBody: JSON.stringify(delivery.event) };
    const put = new SendMessageCommand({ ...message, MessageAttributes });
    await ctx.client(SQSClient, actAs).send(put);
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
