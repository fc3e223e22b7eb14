import { randomUUID } from 'node:crypto';
import {
  Event,
  type NotificationConfiguration,
  type QueueConfiguration,
  type TopicConfiguration,
} from '@aws-sdk/client-s3';
import { type Arn, parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { invalidArgument, invalidDestination, malformedXml } from '../errors.ts';
import { type Notification, overlap } from '../model/notification.ts';

const EVENTS = new Set<string>(Object.values(Event));
const MAX_FILTER_BYTES = 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
export const MAX_NOTIFICATIONS = 100;

/** What a configuration says, checked as far as it can be by itself. @throws S3's errors */
export function notificationsOf(given: NotificationConfiguration, region: string): Notification[] {
  const topics = (given.TopicConfigurations ?? []).map((each) =>
    notificationOf(each, { kind: 'topic', arn: each.TopicArn, region }),
  );
  const queues = (given.QueueConfigurations ?? []).map((each) =>
    notificationOf(each, { kind: 'queue', arn: each.QueueArn, region }),
  );
  const functions = (given.LambdaFunctionConfigurations ?? []).map((each) =>
    notificationOf(each, { kind: 'function', arn: each.LambdaFunctionArn, region }),
  );
  const all = [...topics, ...queues, ...functions];
  if (all.length > MAX_NOTIFICATIONS)
    throw invalidArgument(
      `The number of notification configurations cannot exceed ${MAX_NOTIFICATIONS}.`,
    );
  checkTogether(all);
  return all;
}

/** What each kind of destination is called in inputs, and whether an ARN is of one. */
const KINDS: Record<Notification['kind'], { member: string; is(arn: Arn): boolean }> = {
  topic: { member: 'TopicArn', is: (arn) => arn.service === 'sns' && isPlain(arn) },
  queue: { member: 'QueueArn', is: (arn) => arn.service === 'sqs' && isPlain(arn) },
  function: { member: 'LambdaFunctionArn', is: isFunction },
};
const isPlain = ({ resource }: Arn) => /^[\w-]+(\.fifo)?$/.test(resource);

interface Destination extends Pick<Notification, 'kind'> {
  arn: string | undefined;
  region: string;
}

function notificationOf(
  {
    Id,
    Events = [],
    Filter,
  }: Pick<TopicConfiguration | QueueConfiguration, 'Id' | 'Events' | 'Filter'>,
  { kind, arn, region }: Destination,
): Notification {
  const parsed = arn === undefined ? undefined : parseArn(arn);
  const { member: name, is } = KINDS[kind];
  if (arn === undefined || Events.length === 0) throw malformedXml();
  if (!parsed || !is(parsed)) throw invalidArgument('The ARN could not be parsed', name, arn);
  if (parsed.resource.endsWith('.fifo'))
    throw invalidDestination(arn, `S3 does not publish to a FIFO ${kind}`);
  if (parsed.region !== region)
    throw invalidArgument(
      'The notification destination service region is not valid for the bucket location constraint',
      name,
      arn,
    );
  for (const event of Events)
    if (!EVENTS.has(event))
      throw invalidArgument('The event is not supported for notifications', 'Event', event);
  return { id: Id || randomUUID(), kind, arn, events: Events, ...filterOf(Filter) };
}

function filterOf(filter: TopicConfiguration['Filter']): Pick<Notification, 'prefix' | 'suffix'> {
  const found: Pick<Notification, 'prefix' | 'suffix'> = {};
  for (const { Name, Value } of filter?.Key?.FilterRules ?? []) {
    if (Name === undefined || Value === undefined) throw malformedXml();
    const name = Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument(
        'filter rule name must be either prefix or suffix',
        'FilterRule.Name',
        Name,
      );
    if (found[name] !== undefined)
      throw invalidArgument(
        `Cannot specify more than one ${name} rule in a filter.`,
        'FilterRule.Name',
        Name,
      );
    if (Buffer.byteLength(Value) > MAX_FILTER_BYTES)
      throw invalidArgument(
        'Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation',
        'FilterRule.Value',
        Value,
      );
    found[name] = Value;
  }
  return found;
}

function checkTogether(all: readonly Notification[]): void {
  for (const [n, one] of all.entries())
    for (const other of all.slice(n + 1)) {
      if (one.id === other.id)
        throw invalidArgument(
          'Same ID used for multiple configurations. IDs must be unique',
          'Id',
          one.id,
        );
      const shared = overlap(one, other);
      if (shared === 'events')
        throw invalidArgument(
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        );
      if (shared)
        throw invalidArgument(
          'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
        );
    }
}
