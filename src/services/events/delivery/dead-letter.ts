import { parseArn } from '../../../aws/arn.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { bury } from '../../../kit/delivery/queue.ts';
import type { Exhausted } from '../../../kit/delivery/retry.ts';
import type { Platform } from '../../../kit/service.ts';
import { xmlJson } from '../../../lib/xml-text.ts';
import { SERVICE_PRINCIPAL } from '../model/names.ts';
import type { Delivery } from '../store/deliveries.ts';

interface Undelivered {
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
export async function buryEvent(ctx: Platform, dead: Undelivered): Promise<Failure | undefined> {
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
  const actAs = {
    service: SERVICE_PRINCIPAL,
    sourceArn: delivery.ruleArn,
    region: arn.region,
  };
  try {
    await bury(ctx, arn, actAs, { body: xmlJson(delivery.event), attributes });
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
