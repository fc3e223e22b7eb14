import { unsupported } from '../../../aws/errors.ts';
import { invalid } from '../errors.ts';
import { MAX_DISPLAY_NAME_CHARACTERS } from '../limits.ts';
import { readTopicPolicy } from './delivery-policy.ts';
import type { TopicAttributes } from './topic.ts';

/** Set when the topic is created, and never again. */
const FOR_EVER = new Set(['FifoTopic']);
const FIFO_ONLY = new Set([
  'FifoTopic',
  'ContentBasedDeduplication',
  'FifoThroughputScope',
  'ArchivePolicy',
]);

const oneOf =
  (name: string, ...allowed: string[]) =>
  (value: string) => {
    if (!allowed.includes(value))
      throw invalid(`${name}: Invalid value [${value}]. Must be ${allowed.join(' or ')}.`);
  };

/** @throws InvalidParameterException, or what refuses it by name */
type Check = (value: string) => void;

const CHECKS: Record<keyof TopicAttributes | 'Policy' | 'ArchivePolicy', Check> = {
  DisplayName(value) {
    // It becomes the name of a mail's sender.
    if (value.length > MAX_DISPLAY_NAME_CHARACTERS || /\p{Cc}/u.test(value))
      throw invalid('DisplayName');
  },
  Policy: () => {},
  DeliveryPolicy: (value) => void (value !== '' && readTopicPolicy(value)),
  KmsMasterKeyId(value) {
    if (value.length > 2048) throw invalid('KmsMasterKeyId');
  },
  SignatureVersion: oneOf('SignatureVersion', '1', '2'),
  TracingConfig(value) {
    oneOf('TracingConfig', 'PassThrough', 'Active')(value);
    if (value === 'Active') throw unsupported('active tracing of topics');
  },
  FifoTopic: oneOf('FifoTopic', 'true', 'false'),
  ContentBasedDeduplication: oneOf('ContentBasedDeduplication', 'true', 'false'),
  FifoThroughputScope: oneOf('FifoThroughputScope', 'Topic', 'MessageGroup'),
  ArchivePolicy() {
    throw unsupported('message archives of FIFO topics');
  },
};

const isKnown = (name: string): name is keyof typeof CHECKS => Object.hasOwn(CHECKS, name);

/** Delivery status logging: https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html */
const FEEDBACK =
  /^(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)Feedback(RoleArn|SampleRate)$/;

/**
 * Reads attributes as callers give them. @param set of a topic that is there
 * @throws InvalidParameterException, or what refuses one by name
 */
export function readTopicAttributes(
  given: Record<string, string>,
  { fifo, set = false }: { fifo: boolean; set?: boolean },
): TopicAttributes & { Policy?: string } {
  for (const [name, value] of Object.entries(given)) {
    if (FEEDBACK.test(name)) throw unsupported(`logging of deliveries (${name})`);
    if (!isKnown(name) || (set && FOR_EVER.has(name)))
      throw invalid(set ? 'AttributeName' : `Attributes Reason: Unknown attribute ${name}`);
    if (!fifo && FIFO_ONLY.has(name) && value !== 'false')
      throw invalid(
        name === 'ContentBasedDeduplication'
          ? 'Content-based deduplication can only be set for FIFO topics'
          : `${name} can only be set for FIFO topics`,
      );
    CHECKS[name](value);
  }
  return given;
}
