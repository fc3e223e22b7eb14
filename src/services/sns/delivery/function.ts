import { parseArn } from '../../../aws/arn.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Outcome } from '../model/delivery.ts';
import { functionEvent } from '../model/function-event.ts';
import { type Job, signed } from './job.ts';
import { outcomeOf } from './outcome.ts';

/** To a Lambda function, whose policy lets SNS in for the topic. */
export async function deliverFunction(ctx: Platform, job: Job): Promise<Outcome> {
  const { subscription, topic } = job;
  const arn = parseArn(subscription.endpoint);
  if (!arn) return { kind: 'refused', reason: 'the function has no ARN' };
  const payload = functionEvent(await signed(ctx, job), subscription.arn);
  const actAs = { service: 'sns.amazonaws.com', sourceArn: topic.arn, region: arn.region };
  try {
    await invokeFunction(ctx, { arn, actAs, payload });
    return { kind: 'delivered' };
  } catch (error) {
    return outcomeOf(error);
  }
}
