import { randomUUID } from 'node:crypto';
import { InvalidParameterException } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { askForConfirmation } from '../confirmation/ask.ts';
import { invalid, tooManySubscriptions } from '../errors.ts';
import { MAX_SUBSCRIPTIONS_PER_FIFO_TOPIC } from '../limits.ts';
import { checkEndpoint, readProtocol } from '../model/endpoint.ts';
import { isPending, laneOf, type Subscription } from '../model/subscription.ts';
import { readSubscriptionAttributes } from '../model/subscription-attributes.ts';
import { isFifo, type Topic } from '../model/topic.ts';
import { topic as topicKind } from '../resources/topic.ts';
import {
  countOfTopic,
  findByEndpoint,
  insertSubscription,
  listOfOwner,
  listOfTopic,
} from '../store/subscriptions.ts';
import { sns } from './declare.ts';
import { paged } from './pages.ts';
import { takeRole } from './role.ts';

interface Asked {
  TopicArn: string | undefined;
  Protocol: string | undefined;
  Endpoint?: string | undefined;
  Attributes?: Record<string, string> | undefined;
}

export const subscribe = sns(
  'subscribe',
  on(topicKind, ({ TopicArn }: Asked) => TopicArn, {
    conditions: (_ctx, { Protocol = '', Endpoint = '' }) => ({
      'sns:protocol': Protocol,
      'sns:endpoint': Endpoint,
    }),
  }),
  async (ctx, input, topic) => {
    const wanted = newSubscription(ctx, input, topic);
    await takeRole(ctx, wanted);
    const subscription = await ctx.transaction((tx) => place(ctx, tx, topic, wanted, input));
    const isShown = input.ReturnSubscriptionArn || !isPending(subscription);
    return { SubscriptionArn: isShown ? subscription.arn : 'pending confirmation' };
  },
);

function newSubscription(ctx: ServiceContext, input: Asked, topic: Topic): Subscription {
  const { Protocol = '', Endpoint = '', Attributes = {} } = input;
  const protocol = readProtocol(Protocol);
  checkEndpoint(protocol, Endpoint, { fifo: isFifo(topic) });
  const { accountId } = ctx;
  return {
    arn: `${topic.arn}:${randomUUID()}`,
    topicArn: topic.arn,
    ...{ accountId, region: topic.region, protocol, endpoint: Endpoint, lane: laneOf(protocol) },
    wasAuthenticated: true,
    authenticateOnUnsubscribe: false,
    principal: ctx.principal.arn,
    attributes: firstAttributes({ protocol, endpoint: Endpoint }, Attributes),
  };
}

/** What is wrong with one of several attributes is told as of all. */
function firstAttributes(...asked: Parameters<typeof readSubscriptionAttributes>) {
  try {
    return readSubscriptionAttributes(...asked);
  } catch (error) {
    const reason = error instanceof InvalidParameterException && error.message;
    if (!reason || reason.includes('Reason: ')) throw error;
    throw invalid(`Attributes Reason: ${reason.replace('Invalid parameter: ', '')}`);
  }
}

/** To subscribe an endpoint once more is to be told of the subscription, and to be asked again where it waits. */
async function place(
  ctx: ServiceContext,
  tx: Tx,
  topic: Topic,
  wanted: Subscription,
  { Attributes }: Asked,
): Promise<Subscription> {
  await need(tx, topicKind, topicKind.locate(ctx, topic.arn));
  const found = await findByEndpoint(tx, wanted);
  if (found) {
    if (Attributes && differ(found, wanted))
      throw invalid('Attributes Reason: Subscription already exists with different attributes');
    return isPending(found) ? askForConfirmation(ctx, tx, found) : found;
  }
  const { confirmed, pending } = await countOfTopic(tx, topic.arn);
  if (isFifo(topic) && confirmed + pending >= MAX_SUBSCRIPTIONS_PER_FIFO_TOPIC)
    throw tooManySubscriptions();
  await insertSubscription(tx, wanted);
  return isOwn(wanted) ? wanted : askForConfirmation(ctx, tx, wanted);
}

const differ = (a: Subscription, b: Subscription) => {
  const names = [
    'RawMessageDelivery',
    'FilterPolicy',
    'FilterPolicyScope',
    'DeliveryPolicy',
    'RedrivePolicy',
    'SubscriptionRoleArn',
  ] as const;
  return names.some((name) => a.attributes[name] !== b.attributes[name]);
};

/** Nobody else's say is needed. */
const isOwn = ({ protocol, endpoint, accountId }: Subscription) =>
  (protocol === 'sqs' || protocol === 'lambda' || protocol === 'firehose') &&
  parseArn(endpoint)?.accountId === accountId;

const shown = (subscription: Subscription) => ({
  SubscriptionArn: isPending(subscription) ? 'PendingConfirmation' : subscription.arn,
  Owner: subscription.accountId,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: subscription.topicArn,
});

export const listSubscriptions = sns('listSubscriptions', {}, async (ctx, input) => {
  const { items, ...more } = await paged(
    ctx,
    input,
    (page) => listOfOwner(ctx.db, ctx, page),
    ({ arn }) => arn,
  );
  return { Subscriptions: items.map(shown), ...more };
});

export const listSubscriptionsByTopic = sns(
  'listSubscriptionsByTopic',
  on(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn),
  async (ctx, input, topic) => {
    const { items, ...more } = await paged(
      ctx,
      input,
      (page) => listOfTopic(ctx.db, topic.arn, page),
      ({ arn }) => arn,
    );
    return { Subscriptions: items.map(shown), ...more };
  },
);
