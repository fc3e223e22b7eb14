import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidArn, notYours, subscriptionNotFound } from '../errors.ts';
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
  const isOne = topicOfArn(arn) && parseArn(arn)?.resource.includes(':');
  if (!isOne) throw invalidArn('SubscriptionArn', arn);
  const found = await findSubscription(db, arn);
  if (!found) throw subscriptionNotFound();
  if (![found.accountId, topicOfArn(found.topicArn)?.accountId].includes(ctx.accountId))
    throw notYours();
  return found;
}
