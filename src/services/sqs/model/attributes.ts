import { ownValue } from '../../../lib/own.ts';
import { fifoAttribute, invalidAttribute, unknownAttribute } from '../errors.ts';
import { MAX_DELAY_S, MAX_MESSAGE_BYTES, MAX_VISIBILITY_S, MAX_WAIT_S } from '../limits.ts';
import type { QueueSettings } from './queue.ts';
import { parseRedriveAllowPolicy, parseRedrivePolicy } from './redrive.ts';

/** Of a queue, by name, as calls write them. */
export type Attributes = Readonly<Record<string, string>>;

/** Whole numbers: the least, the most, and what holds where nothing is said. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const NUMBERS: Record<string, readonly [number, number, number]> = {
  DelaySeconds: [0, MAX_DELAY_S, 0],
  MaximumMessageSize: [1_024, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, MAX_WAIT_S, 0],
  VisibilityTimeout: [0, MAX_VISIBILITY_S, 30],
  KmsDataKeyReusePeriodSeconds: [60, 86_400, 300],
};

const WORDS: Record<string, readonly string[]> = {
  FifoQueue: ['true', 'false'],
  ContentBasedDeduplication: ['true', 'false'],
  SqsManagedSseEnabled: ['true', 'false'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};

const TEXTS = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId'];

/** Those that only FIFO queues have. */
const FIFO = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

/** Those that are counted when they are asked for. */
export const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** What GetQueueAttributes can be asked for. */
export const READABLE: ReadonlySet<string> = new Set([
  ...['All', 'QueueArn', 'CreatedTimestamp', 'LastModifiedTimestamp', ...COUNTS],
  ...[...Object.keys(NUMBERS), ...Object.keys(WORDS), ...TEXTS],
]);

/** What a queue has once these are set. An empty text takes one away. @throws InvalidAttributeName InvalidAttributeValue */
export function withAttributes(
  known: Attributes,
  given: Attributes,
  { fifo, isNew }: { fifo: boolean; isNew: boolean },
): Attributes {
  const all = new Map(Object.entries(known));
  for (const [name, value] of Object.entries(given)) {
    checkKind(name, value, { fifo, isNew });
    const read = checked(name, value);
    if (read === '') all.delete(name);
    else all.set(name, read);
  }
  return together(all, given, fifo);
}

/** What only FIFO queues have; and that a queue stays of its kind. */
function checkKind(
  name: string,
  value: string,
  { fifo, isNew }: { fifo: boolean; isNew: boolean },
): void {
  if (!FIFO.includes(name)) return;
  if (!fifo)
    throw name === 'FifoQueue' || name === 'ContentBasedDeduplication'
      ? unknownAttribute(name)
      : fifoAttribute(name);
  if (name === 'FifoQueue' && !isNew && value !== 'true')
    throw invalidAttribute(name, ' Reason: Modifying queue type is not supported.');
}

function checked(name: string, value: string): string {
  const range = ownValue(NUMBERS, name);
  if (range) {
    const number = /^[0-9]{1,10}$/.test(value) ? Number(value) : -1;
    if (number < range[0] || number > range[1]) throw invalidAttribute(name);
    return String(number);
  }
  const words = ownValue(WORDS, name);
  if (words) {
    const word = words.find((one) => one.toLowerCase() === value.toLowerCase());
    if (word === undefined) throw invalidAttribute(name);
    return word;
  }
  if (!TEXTS.includes(name)) throw unknownAttribute(name);
  if (value === '') return value;
  if (name === 'RedrivePolicy') return JSON.stringify(parseRedrivePolicy(value));
  if (name === 'RedriveAllowPolicy') return JSON.stringify(parseRedriveAllowPolicy(value));
  if (name === 'KmsMasterKeyId' && value.length > 2_048) throw invalidAttribute(name);
  return value;
}

/** What must fit together. */
function together(all: Map<string, string>, given: Attributes, fifo: boolean): Attributes {
  if (given.KmsMasterKeyId && given.SqsManagedSseEnabled === 'true')
    throw invalidAttribute(
      'SqsManagedSseEnabled',
      ' Reason: You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  if (given.KmsMasterKeyId) all.set('SqsManagedSseEnabled', 'false');
  else if (given.SqsManagedSseEnabled === 'true') all.delete('KmsMasterKeyId');
  const byGroup = all.get('FifoThroughputLimit') === 'perMessageGroupId';
  if (fifo && byGroup && all.get('DeduplicationScope') !== 'messageGroup')
    throw invalidAttribute(
      'FifoThroughputLimit',
      ' Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
  return Object.fromEntries(all);
}

/** The first attribute in which a queue that is there differs from one that somebody asks for. */
export function differing(
  known: Attributes,
  asked: Attributes,
  given: Attributes,
): string | undefined {
  return Object.keys(given).find((name) => shown(known, name) !== shown(asked, name));
}

/** The attribute as GetQueueAttributes tells it; undefined for what the queue has not. */
function shown(attributes: Attributes, name: string): string | undefined {
  const set = ownValue(attributes, name);
  if (set !== undefined) return set;
  if (name === 'KmsDataKeyReusePeriodSeconds' && attributes.KmsMasterKeyId === undefined)
    return undefined;
  if (name === 'SqsManagedSseEnabled') return String(attributes.KmsMasterKeyId === undefined);
  return ownValue(NUMBERS, name)?.[2].toString();
}

/** All that a queue has beside its counts and dates. */
export function shownAttributes(attributes: Attributes, fifo: boolean): Record<string, string> {
  const names = [...Object.keys(NUMBERS), 'SqsManagedSseEnabled', ...TEXTS];
  const all = Object.fromEntries(
    names.flatMap((name) => {
      const value = shown(attributes, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (!fifo) return all;
  return {
    ...all,
    FifoQueue: 'true',
    ContentBasedDeduplication: attributes.ContentBasedDeduplication ?? 'false',
    DeduplicationScope: attributes.DeduplicationScope ?? 'queue',
    FifoThroughputLimit: attributes.FifoThroughputLimit ?? 'perQueue',
  };
}

/** What the attributes of a queue mean. */
export function settingsOf(attributes: Attributes, fifo: boolean): QueueSettings {
  const number = (name: string) => Number(shown(attributes, name) ?? ownValue(NUMBERS, name)?.[2]);
  const { RedrivePolicy, KmsMasterKeyId } = attributes;
  return {
    fifo,
    delayMs: number('DelaySeconds') * 1_000,
    maximumBytes: number('MaximumMessageSize'),
    retentionMs: number('MessageRetentionPeriod') * 1_000,
    waitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    visibilityMs: number('VisibilityTimeout') * 1_000,
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    deduplicatesByGroup: attributes.DeduplicationScope === 'messageGroup',
    ...(RedrivePolicy !== undefined && { redrive: parseRedrivePolicy(RedrivePolicy) }),
    ...(KmsMasterKeyId !== undefined && {
      kms: { keyId: KmsMasterKeyId, reuseMs: number('KmsDataKeyReusePeriodSeconds') * 1_000 },
    }),
  };
}
