import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidArn, notYours, subscriptionNotFound } from '../errors.ts';
import type { Subscription } from '../model/subscription.ts';
import { topicOfArn } from '../model/topic.ts';
import { findSubscription } from '../store/subscriptions.ts';

/**
 * The subscription of an ARN, for its owner or the topic's. IAM knows no resource of this kind.
 * @throws InvalidParameterException, NotFoundException, AuthorizationErrorException
 */
export async function ownSubscription(
  ctx: Pick<ServiceContext, 'accountId'>,
  db: Tx,
  arn = '',
): Promise<Subscription> {
  if (!topicOfArn(arn)) throw invalidArn('SubscriptionArn', arn);
  if (!parseArn(arn)?.resource.includes(':')) throw invalid('SubscriptionId');
  const found = await findSubscription(db, arn);
  if (!found) throw subscriptionNotFound();
  if (![found.accountId, topicOfArn(found.topicArn)?.accountId].includes(ctx.accountId))
    throw notYours();
  return found;
}
