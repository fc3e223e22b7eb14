import { parseArn } from '../../../aws/arn.ts';
import { invalid, limit } from '../errors.ts';
import { MAX_TOPICS } from '../limits.ts';
import { group as groupKind, onGroup } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling, changed, paged } from './declare.ts';

const TYPES = [
  ...['autoscaling:EC2_INSTANCE_LAUNCH', 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR'],
  ...['autoscaling:EC2_INSTANCE_TERMINATE', 'autoscaling:EC2_INSTANCE_TERMINATE_ERROR'],
  'autoscaling:TEST_NOTIFICATION',
];

/** In place of what the topic was told of before. */
export const putNotificationConfiguration = autoscaling(
  'putNotificationConfiguration',
  onGroup,
  async (ctx, { TopicARN: topic = '', NotificationTypes: types = [] }, group) => {
    const arn = parseArn(topic);
    if (arn?.service !== 'sns') throw invalid(`Invalid TopicARN: ${topic}`);
    if (topic.endsWith('.fifo')) throw invalid(`A FIFO topic cannot be told: ${topic}`);
    if (arn.accountId !== ctx.accountId)
      throw invalid('A topic of another account cannot be told.');
    const unknown = types.find((type) => !TYPES.includes(type));
    if (unknown !== undefined) throw invalid(`"${unknown}" is not a valid Notification Type`);
    await changed(ctx, group, (draft) => {
      const { body } = draft;
      const others = body.notifications.filter((one) => one.topic !== topic);
      if (new Set(others.map((one) => one.topic)).size >= MAX_TOPICS)
        throw limit('topics of a group', MAX_TOPICS);
      const its = [...new Set(types)].map((type) => ({ topic, type }));
      body.notifications = [...others, ...its];
      draft.tellTest({ target: topic });
    });
    return {};
  },
);

export const describeNotificationConfigurations = autoscaling(
  'describeNotificationConfigurations',
  {},
  async (ctx, input) => {
    const { IncludeManagedResources: _ } = input;
    const names = (input.AutoScalingGroupNames ?? []).map((one) => groupKind.locate(ctx, one).name);
    const all = (await listGroups(ctx.db, ctx))
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .flatMap(({ name, body }) => body.notifications.map((one) => ({ name, ...one })));
    const { items, next } = paged(ctx, input, all, (one) => [one.name, one.topic, one.type]);
    const NotificationConfigurations = items.map(({ name, topic, type }) => ({
      ...{ AutoScalingGroupName: name, TopicARN: topic, NotificationType: type },
    }));
    return { NotificationConfigurations, ...next };
  },
);

export const deleteNotificationConfiguration = autoscaling(
  'deleteNotificationConfiguration',
  onGroup,
  async (ctx, { TopicARN: topic }, group) => {
    await changed(ctx, group, ({ body }) => {
      if (!body.notifications.some((one) => one.topic === topic))
        throw invalid(
          `Unable to delete: the topic ${topic} is not told of the group ${group.name}`,
        );
      body.notifications = body.notifications.filter((one) => one.topic !== topic);
    });
    return {};
  },
);

export const describeAutoScalingNotificationTypes = autoscaling(
  'describeAutoScalingNotificationTypes',
  {},
  async () => ({ AutoScalingNotificationTypes: TYPES }),
);
