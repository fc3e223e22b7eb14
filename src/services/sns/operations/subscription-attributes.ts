import type { Db, Tx } from '../../../db/database.ts';
import { invalid } from '../errors.ts';
import { effectiveSubscriptionPolicy, policyOf } from '../model/delivery-policy.ts';
import { isPending } from '../model/subscription.ts';
import { readSubscriptionAttributes } from '../model/subscription-attributes.ts';
import { ownSubscription } from '../resources/subscription.ts';
import { updateSubscription } from '../store/subscriptions.ts';
import { findTopic } from '../store/topics.ts';
import { sns } from './declare.ts';
import { takeRole } from './role.ts';

export const getSubscriptionAttributes = sns(
  'getSubscriptionAttributes',
  {},
  async (ctx, input) => {
    const found = await ownSubscription(ctx, ctx.db, input.SubscriptionArn);
    const { attributes, protocol } = found;
    const { FilterPolicyScope = 'MessageAttributes' } = attributes;
    const topic = await findTopic(ctx.db, found.topicArn);
    const policy = policyOf(topic?.attributes.DeliveryPolicy, attributes.DeliveryPolicy);
    return {
      Attributes: {
        SubscriptionArn: found.arn,
        TopicArn: found.topicArn,
        Owner: found.accountId,
        Protocol: protocol,
        Endpoint: found.endpoint,
        SubscriptionPrincipal: found.principal,
        ConfirmationWasAuthenticated: String(found.wasAuthenticated && !isPending(found)),
        PendingConfirmation: String(isPending(found)),
        RawMessageDelivery: 'false',
        ...attributes,
        ...(attributes.FilterPolicy !== undefined && { FilterPolicyScope }),
        ...((protocol === 'http' || protocol === 'https') && {
          EffectiveDeliveryPolicy: JSON.stringify(effectiveSubscriptionPolicy(policy)),
        }),
      },
    };
  },
);

export const setSubscriptionAttributes = sns(
  'setSubscriptionAttributes',
  {},
  async (ctx, input) => {
    const { AttributeName = '', AttributeValue = '' } = input;
    const changed = async (db: Db | Tx) => {
      const found = await ownSubscription(ctx, db, input.SubscriptionArn);
      if (found.accountId !== ctx.accountId) throw invalid('SubscriptionArn');
      const given = { [AttributeName]: AttributeValue };
      const attributes = readSubscriptionAttributes(found, given, found.attributes);
      return { ...found, attributes };
    };
    if (AttributeName === 'SubscriptionRoleArn') await takeRole(ctx, await changed(ctx.db));
    await ctx.transaction(async (tx) => updateSubscription(tx, await changed(tx)));
    return {};
  },
);
