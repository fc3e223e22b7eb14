import type { QueueConfiguration, TopicConfiguration } from '@aws-sdk/client-s3';
import { toText } from '../../../aws/protocols/bindings.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidDestination } from '../errors.ts';
import type { Bucket } from '../model/bucket.ts';
import { testEvent } from '../model/event-record.ts';
import type { Notification } from '../model/notification.ts';
import { send } from '../notifications/destination.ts';
import { destinationOf } from '../notifications/names.ts';
import { notificationsOf } from '../notifications/parse.ts';
import { changeBucket, requireBucket } from '../objects/buckets.ts';
import { onBucket } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

export const putBucketNotificationConfiguration = s3(
  'putBucketNotificationConfiguration',
  { ...onBucket, action: 's3:PutBucketNotification' },
  async (ctx, input) => {
    const given = input.NotificationConfiguration ?? {};
    const bucket = await requireBucket(ctx, input);
    const notifications = notificationsOf(given, bucket.region);
    if (!input.SkipDestinationValidation) await tryAll(ctx, bucket, notifications);
    const eventBridge = given.EventBridgeConfiguration !== undefined;
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, eventBridge, notifications },
    }));
    return {};
  },
);

export const getBucketNotificationConfiguration = s3(
  'getBucketNotificationConfiguration',
  { ...onBucket, action: 's3:GetBucketNotification' },
  async (ctx, input) => {
    const { notifications = [], eventBridge } = (await requireBucket(ctx, input)).settings;
    const topics = notifications.filter(({ kind }) => kind === 'topic');
    const queues = notifications.filter(({ kind }) => kind === 'queue');
    const functions = notifications.filter(({ kind }) => kind === 'function');
    return {
      ...(topics.length > 0 && {
        TopicConfigurations: topics.map((each) => ({ TopicArn: each.arn, ...shown(each) })),
      }),
      ...(queues.length > 0 && {
        QueueConfigurations: queues.map((each) => ({ QueueArn: each.arn, ...shown(each) })),
      }),
      ...(functions.length > 0 && {
        LambdaFunctionConfigurations: functions.map((each) => ({
          ...{ LambdaFunctionArn: each.arn, ...shown(each) },
        })),
      }),
      ...(eventBridge && { EventBridgeConfiguration: {} }),
    };
  },
);

function shown({ id: Id, events, prefix, suffix }: Notification) {
  const FilterRules = [
    ...(prefix === undefined ? [] : [{ Name: 'prefix' as const, Value: prefix }]),
    ...(suffix === undefined ? [] : [{ Name: 'suffix' as const, Value: suffix }]),
  ];
  const Events = events as (QueueConfiguration & TopicConfiguration)['Events'];
  return { Id, Events, ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }) };
}

/**
 * Sends each destination `s3:TestEvent`, by which AWS finds out whether it is there and lets S3 in; functions are only
 * asked whether they would run. @throws InvalidArgument
 */
async function tryAll(
  ctx: ServiceContext,
  bucket: Bucket,
  notifications: readonly Notification[],
): Promise<void> {
  const { accountId } = bucket;
  const test = testEvent(bucket, ctx.clock.now(), ctx.requestId, toText(ctx.requestId));
  const message = JSON.stringify(test);
  const kinds = new Map(notifications.map(({ arn, kind }) => [arn, kind]));
  for (const [arn, kind] of kinds)
    try {
      await send(ctx, destinationOf(bucket, arn), { accountId, message, isTest: true });
    } catch (error) {
      throw invalidDestination(arn, reasonOf(kind, failureOf(error)));
    }
}

function reasonOf(kind: Notification['kind'], { code, message }: Failure): string {
  if (code === 'NO_RESOURCE') return `The destination ${kind} does not exist`;
  if (code !== 'NO_PERMISSIONS') return message;
  return `Permissions on the destination ${kind} do not allow S3 to publish notifications from this bucket`;
}
