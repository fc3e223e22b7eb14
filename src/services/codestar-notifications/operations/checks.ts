import type { Target } from '../../../aws/apis/codestar-notifications.ts';
import { parseArn } from '../../../aws/arn.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalid, limitExceeded, misconfigured } from '../errors.ts';
import { MAX_TARGETS_PER_RULE } from '../limits.ts';
import { findEventType } from '../model/event-types.ts';
import type { NotificationTarget } from '../model/rule.ts';
import { resourceTypeOf } from '../model/source-resource.ts';
import { targetTypeOf } from '../model/target.ts';

/** What a rule can listen to: NT-01. @throws ValidationException */
export function checkResource(ctx: ServiceContext, resource: string): void {
  const arn = parseArn(resource);
  if (resourceTypeOf(resource) === undefined)
    throw invalid(`${resource} is not a resource that has notifications.`);
  if (arn?.region !== ctx.region)
    throw invalid('A notification rule must be in the same Region as its resource.');
  if (arn.accountId !== ctx.accountId)
    throw invalid('A notification rule must be in the same account as its resource.');
}

/** Each once, in the order given. @throws ConfigurationException for those that the resource has not */
export function checkedEventTypes(ids: readonly string[], resource: string): string[] {
  const type = resourceTypeOf(resource);
  const wrong = ids.find((id) => findEventType(id)?.ResourceType !== type);
  if (wrong !== undefined)
    throw misconfigured(`The event type ${wrong} is not one of the resource ${resource}.`);
  return [...new Set(ids)];
}

/** Each once, in the order given: NT-02. @throws ConfigurationException, LimitExceededException, ValidationException */
export function checkedTargets(
  ctx: ServiceContext,
  given: readonly Target[],
): NotificationTarget[] {
  const targets = new Map(given.map((one) => checkedTarget(ctx, one)).map((t) => [t.address, t]));
  checkTargetCount(targets.size);
  return [...targets.values()];
}

/** @throws LimitExceededException */
export function checkTargetCount(count: number): void {
  if (count > MAX_TARGETS_PER_RULE)
    throw limitExceeded(
      `A notification rule can have no more than ${MAX_TARGETS_PER_RULE} targets.`,
    );
}

export function checkedTarget(
  ctx: ServiceContext,
  { TargetType, TargetAddress: address }: Target,
): NotificationTarget {
  if (TargetType === undefined || address === undefined)
    throw invalid('A target must have a TargetType and a TargetAddress.');
  const type = targetTypeOf(address);
  if (type === undefined || type !== TargetType)
    throw misconfigured(`The target address is not one of a target of type ${TargetType}.`);
  const arn = parseArn(address);
  if (arn?.accountId !== ctx.accountId)
    throw misconfigured('The target must be in the same account as the notification rule.');
  if (type === 'SNS' && arn.region !== ctx.region)
    throw misconfigured('The topic must be in the same Region as the notification rule.');
  if (type !== 'SNS' && ownValue(ctx.config.chatWebhooks, address) === undefined)
    throw misconfigured(
      'No webhook is configured for the chat client: SLIPWAY_CHAT_WEBHOOKS names one for each.',
    );
  return { address, type, status: 'ACTIVE' };
}
