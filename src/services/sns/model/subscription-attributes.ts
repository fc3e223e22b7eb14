import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { invalid } from '../errors.ts';
import { readSubscriptionPolicy } from './delivery-policy.ts';
import { compileFilter } from './filter.ts';
import type { Protocol, Subscription, SubscriptionAttributes } from './subscription.ts';

const NAMES = new Set<string>([
  'RawMessageDelivery',
  'FilterPolicy',
  'FilterPolicyScope',
  'DeliveryPolicy',
  'RedrivePolicy',
  'SubscriptionRoleArn',
] satisfies (keyof SubscriptionAttributes)[]);

/**
 * Reads attributes as callers give them, onto those that are there. An empty value takes one away.
 * @throws InvalidParameterException
 */
export function readSubscriptionAttributes(
  { protocol, endpoint }: Pick<Subscription, 'protocol' | 'endpoint'>,
  given: Record<string, string>,
  before: SubscriptionAttributes = {},
): SubscriptionAttributes {
  for (const name of Object.keys(given)) {
    if (name === 'ReplayPolicy') throw unsupported('message archives of FIFO topics');
    if (!NAMES.has(name)) throw invalid('AttributeName');
  }
  const after: SubscriptionAttributes = { ...before, ...given };
  for (const [name, value] of Object.entries(after))
    if (isNothing(name, value)) delete after[name as keyof SubscriptionAttributes];
  check(after);
  checkProtocol(protocol, after);
  checkOrder(endpoint, after);
  return after;
}

/** A switch is on or off: it alone has no empty value. */
const isNothing = (name: string, value: string) =>
  (value === '' && name !== 'RawMessageDelivery') ||
  (name === 'FilterPolicy' && value.trim() === '{}');

function check(attributes: SubscriptionAttributes): void {
  const {
    RawMessageDelivery: raw,
    FilterPolicy: filter,
    FilterPolicyScope: scope,
    DeliveryPolicy: delivery,
    RedrivePolicy: redrive,
  } = attributes;
  if (raw !== undefined && raw !== 'true' && raw !== 'false')
    throw invalid(`RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`);
  if (scope !== undefined && scope !== 'MessageAttributes' && scope !== 'MessageBody')
    throw invalid(
      `FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
    );
  if (filter !== undefined) compileFilter(filter, scope);
  if (delivery !== undefined) readSubscriptionPolicy(delivery);
  if (redrive !== undefined) deadLetterQueueOf(redrive);
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html */
const RAW: ReadonlySet<Protocol> = new Set(['sqs', 'http', 'https', 'firehose']);

/** What only some protocols have. */
function checkProtocol(protocol: Protocol, attributes: SubscriptionAttributes): void {
  const { RawMessageDelivery: raw, SubscriptionRoleArn: role } = attributes;
  if (raw === 'true' && !RAW.has(protocol))
    throw invalid(
      `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  if (role !== undefined && protocol !== 'firehose')
    throw invalid(`SubscriptionRoleArn Reason: Delivery protocol [${protocol}] takes no role.`);
  if (role === undefined && protocol === 'firehose')
    throw invalid('SubscriptionRoleArn Reason: Delivery protocol [firehose] needs a role.');
}

/** Queues that keep an order are subscribed to topics that do alone. */
function checkOrder(endpoint: string, { RedrivePolicy: redrive }: SubscriptionAttributes): void {
  if (redrive === undefined || !endpoint.endsWith('.fifo')) return;
  if (!deadLetterQueueOf(redrive).endsWith('.fifo'))
    throw invalid(
      'RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
    );
}

/** The ARN of the dead-letter queue. @throws InvalidParameterException */
export function deadLetterQueueOf(redrivePolicy: string): string {
  let policy: { deadLetterTargetArn?: unknown };
  try {
    policy = JSON.parse(redrivePolicy);
  } catch {
    throw invalid('RedrivePolicy: failed to parse JSON.');
  }
  const arn = policy?.deadLetterTargetArn;
  if (typeof arn !== 'string' || parseArn(arn)?.service !== 'sqs')
    throw invalid('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  return arn;
}
