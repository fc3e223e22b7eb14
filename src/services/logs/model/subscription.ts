import { type Arn, parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { isDeliveryStream, isStream } from '../../../kit/delivery/streams.ts';

/** Where subscription filters send events. */
export type DestinationKind = 'lambda' | 'kinesis' | 'firehose' | 'destination';

const KINDS: readonly [DestinationKind, (arn: Arn) => boolean][] = [
  ['lambda', isFunction],
  ['kinesis', isStream],
  ['firehose', isDeliveryStream],
  ['destination', ({ service, resource }) => service === 'logs' && DESTINATION.test(resource)],
];
const DESTINATION = /^destination:[^:*]{1,512}$/;

/** The ARN's parts and its kind, or undefined where nothing can be sent there. */
export function readDestination(text: string): { arn: Arn; kind: DestinationKind } | undefined {
  const arn = parseArn(text);
  const kind = arn && KINDS.find(([, is]) => is(arn))?.[0];
  return kind && { arn, kind };
}

export interface SubscribedEvent {
  id: string;
  timestamp: number;
  message: string;
}

export interface Message {
  messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE';
  /** The account of the group. */
  owner: string;
  logGroup: string;
  logStream: string;
  subscriptionFilters: string[];
  logEvents: SubscribedEvent[];
}

const NAMES: Record<DestinationKind, string> = {
  lambda: 'Lambda function',
  kinesis: 'Kinesis stream',
  firehose: 'Firehose',
  destination: 'destination',
};

/**
 * What finds out whether a destination can be reached.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export const controlMessage = (kind: DestinationKind, now: Date): Message => ({
  ...{ messageType: 'CONTROL_MESSAGE', owner: 'CloudwatchLogs', logGroup: '', logStream: '' },
  subscriptionFilters: [],
  logEvents: [
    {
      ...{ id: '', timestamp: now.getTime() },
      message: `CWL CONTROL MESSAGE: Checking health of destination ${NAMES[kind]}.`,
    },
  ],
});

/** The message in two, of which each has a part of the events. */
export function halves(message: Message): [Message, Message] {
  const middle = Math.ceil(message.logEvents.length / 2);
  const part = (from: number, to?: number): Message => ({
    ...message,
    logEvents: message.logEvents.slice(from, to),
  });
  return [part(0, middle), part(middle)];
}
