import { unsupported } from '../../../aws/errors.ts';
import { at, need, on, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { invalid, tooManyTopics } from '../errors.ts';
import { TOPICS } from '../limits.ts';
import { effectivePolicy } from '../model/delivery-policy.ts';
import { defaultPolicy, isFifo, isTopicName, type Topic, topicArn } from '../model/topic.ts';
import { readTopicAttributes } from '../model/topic-attributes.ts';
import { TAG_RULES, topic as topicKind } from '../resources/topic.ts';
import { countOfTopic } from '../store/subscriptions.ts';
import {
  countTopics,
  deleteTopic as deleteRows,
  findTopic,
  insertTopic,
  listTopics as listRows,
  updateTopic,
} from '../store/topics.ts';
import { sns } from './declare.ts';
import { paged } from './pages.ts';
import { checkPolicy } from './permissions.ts';

/** What stands for it in the question to IAM where the name is none. */
const named = ({ Name = '' }: { Name: string | undefined }, ctx: ServiceContext) =>
  topicArn(ctx, Name === '' ? '*' : Name);

export const createTopic = sns('createTopic', at(topicKind, named), async (ctx, input) => {
  if (input.DataProtectionPolicy) throw unsupported('data protection policies');
  const wanted = newTopic(ctx, input);
  return ctx.transaction(async (tx) => {
    const found = await findTopic(tx, wanted.arn);
    if (found) return repeated(found, wanted, input);
    const most = await ctx.quotas.value(tx, wanted, 'sns', TOPICS);
    if ((await countTopics(tx, wanted)) >= most) throw tooManyTopics();
    await insertTopic(tx, wanted);
    return { TopicArn: wanted.arn };
  });
});

interface NewTopic {
  Name: string | undefined;
  Attributes?: Record<string, string> | undefined;
  Tags?: { Key: string | undefined; Value: string | undefined }[] | undefined;
}

function newTopic(ctx: ServiceContext, { Name = '', Attributes = {}, Tags = [] }: NewTopic): Topic {
  const fifo = Attributes.FifoTopic === 'true';
  if (!isTopicName(Name, fifo)) throw invalid('Topic Name');
  const { Policy, ...attributes } = readTopicAttributes(Attributes, { fifo });
  checkNewTags(Tags, TAG_RULES);
  const arn = topicArn(ctx, Name);
  if (Policy !== undefined) checkPolicy(ctx, Policy);
  const { accountId, region } = ctx;
  return {
    ...{ arn, accountId, region, name: Name, sequence: 0, deletedSubscriptions: 0, attributes },
    policy: Policy ?? defaultPolicy(arn, accountId),
    tags: tagObject(tagsOf(Tags)),
    createdAt: ctx.clock.now(),
  };
}

/** To create a topic that is there is to be told its ARN, unless it would be another one. */
function repeated(found: Topic, wanted: Topic, { Attributes = {}, Tags }: NewTopic) {
  const others = Object.keys(Attributes).some(
    (name) => attributeOf(found, name) !== attributeOf(wanted, name),
  );
  if (others) throw invalid('Attributes Reason: Topic already exists with different attributes');
  if (Tags !== undefined && !isSame(found.tags, wanted.tags))
    throw invalid('Tags Reason: Topic already exists with different tags');
  return { TopicArn: found.arn };
}

const attributeOf = ({ policy, attributes }: Topic, name: string) =>
  name === 'Policy' ? policy : attributes[name as keyof typeof attributes];

const isSame = (a: Record<string, string>, b: Record<string, string>) => {
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([key, value]) => other.get(key) === value);
};

const onTopic = on(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn);

export const deleteTopic = sns(
  'deleteTopic',
  at(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn),
  // One that is not there is gone.
  async (ctx, _input, { arn }) => {
    await ctx.transaction((tx) => deleteRows(tx, arn));
    return {};
  },
);

export const listTopics = sns('listTopics', {}, async (ctx, input) => {
  const { items, ...more } = await paged(
    ctx,
    input,
    (page) => listRows(ctx.db, ctx, page),
    (arn) => arn,
  );
  return { Topics: items.map((TopicArn) => ({ TopicArn })), ...more };
});

export const getTopicAttributes = sns('getTopicAttributes', onTopic, async (ctx, _input, topic) => {
  const { confirmed, pending } = await countOfTopic(ctx.db, topic.arn);
  return {
    Attributes: {
      TopicArn: topic.arn,
      Owner: topic.accountId,
      DisplayName: '',
      ...topic.attributes,
      Policy: topic.policy,
      EffectiveDeliveryPolicy: JSON.stringify(effectivePolicy(topic.attributes.DeliveryPolicy)),
      SubscriptionsConfirmed: String(confirmed),
      SubscriptionsPending: String(pending),
      SubscriptionsDeleted: String(topic.deletedSubscriptions),
      ...(isFifo(topic) && {
        ContentBasedDeduplication: topic.attributes.ContentBasedDeduplication ?? 'false',
      }),
    },
  };
});

export const setTopicAttributes = sns(
  'setTopicAttributes',
  onTopic,
  async (ctx, input, { arn }) => {
    const { AttributeName = '', AttributeValue = '' } = input;
    await ctx.transaction(async (tx) => {
      const topic = await need(tx, topicKind, topicKind.locate(ctx, arn));
      const { Policy, ...read } = readTopicAttributes(
        { [AttributeName]: AttributeValue },
        { fifo: isFifo(topic), set: true },
      );
      if (Policy !== undefined) checkPolicy(ctx, Policy);
      const attributes = { ...topic.attributes, ...read };
      await updateTopic(tx, { ...topic, attributes, policy: Policy ?? topic.policy });
    });
    return {};
  },
);
