import type { Target } from '@aws-sdk/client-scheduler';
import { type Arn, parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { isDeliveryStream, isStream } from '../../../kit/delivery/streams.ts';

/** A call of an API: `codepipeline`, `startPipelineExecution`. */
export interface ApiCall {
  service: string;
  operation: string;
  input: Record<string, unknown>;
}

/** What is known of an invocation when its call is made. */
export interface Invoked {
  /** The target's input, as far as there is one. */
  input: string | undefined;
  executionId: string;
  /** What tells a call that is tried again from another. */
  token: string;
}

/** Targets that AWS has calls for: what is one for each kind. */
type Template = (target: Target, arn: Arn, invoked: Invoked) => ApiCall;

const UNIVERSAL = /^arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)$/;
/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html#unsupported-api-actions */
const READING =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|validate|verify|batchGet|lookup)([A-Z]|$)/;

/** `aws-sdk:SERVICE:OPERATION`, or undefined for another target. */
export function universalCall(arn: string): { service: string; operation: string } | undefined {
  const [, service, operation] = UNIVERSAL.exec(arn) ?? [];
  return service === undefined || operation === undefined ? undefined : { service, operation };
}

/** @param operation may begin with a capital, as its command does */
export const onlyReads = (operation: string): boolean =>
  READING.test(operation.charAt(0).toLowerCase() + operation.slice(1));

const DELIVERY_STREAM = 'deliverystream/';
const TEMPLATES: readonly [is: (arn: Arn) => boolean, template: Template][] = [
  [
    ({ service }) => service === 'codepipeline',
    (_, { resource }, { token: clientRequestToken }) => ({
      ...{ service: 'codepipeline', operation: 'startPipelineExecution' },
      input: { name: resource, clientRequestToken },
    }),
  ],
  [
    ({ service, resource }) => service === 'codebuild' && resource.startsWith('project/'),
    (_, { resource }, { input, token }) => ({
      ...{ service: 'codebuild', operation: 'startBuild' },
      input: {
        ...objectIn(input),
        projectName: resource.slice('project/'.length),
        idempotencyToken: token,
      },
    }),
  ],
  [
    ({ service }) => service === 'sns',
    ({ Arn: TopicArn }, _, { input }) => ({
      ...{ service: 'sns', operation: 'publish' },
      input: { TopicArn, Message: input ?? '' },
    }),
  ],
  [
    ({ service }) => service === 'sqs',
    ({ SqsParameters: queue }, { accountId, resource }, { input }) => ({
      ...{ service: 'sqs', operation: 'sendMessage' },
      input: {
        ...{ QueueUrl: `/${accountId}/${resource}`, MessageBody: input ?? '' },
        ...(queue?.MessageGroupId !== undefined && { MessageGroupId: queue.MessageGroupId }),
      },
    }),
  ],
  [
    ({ service, resource }) => service === 'events' && resource.startsWith('event-bus/'),
    ({ Arn, EventBridgeParameters: its }, _, { input }) => ({
      ...{ service: 'eventbridge', operation: 'putEvents' },
      input: {
        Entries: [
          {
            ...{ EventBusName: Arn, DetailType: its?.DetailType, Source: its?.Source },
            Detail: input ?? '{}',
          },
        ],
      },
    }),
  ],
  [
    isFunction,
    ({ Arn: FunctionName }, _, { input }) => ({
      ...{ service: 'lambda', operation: 'invoke' },
      input: { FunctionName, InvocationType: 'Event', Payload: Buffer.from(input || '{}') },
    }),
  ],
  [
    ({ service, resource }) => service === 'states' && resource.startsWith('stateMachine:'),
    ({ Arn: stateMachineArn }, _, { input, executionId: name }) => ({
      ...{ service: 'sfn', operation: 'startExecution' },
      input: { stateMachineArn, name, input: input || '{}' },
    }),
  ],
  [
    isStream,
    ({ Arn: StreamARN, KinesisParameters: its }, _, { input }) => ({
      ...{ service: 'kinesis', operation: 'putRecord' },
      input: { StreamARN, PartitionKey: its?.PartitionKey, Data: Buffer.from(input ?? '') },
    }),
  ],
  [
    isDeliveryStream,
    (_, { resource }, { input }) => ({
      ...{ service: 'firehose', operation: 'putRecord' },
      input: {
        DeliveryStreamName: resource.slice(DELIVERY_STREAM.length),
        Record: { Data: Buffer.from(input ?? '') },
      },
    }),
  ],
];

/** The call that a target means, or undefined where it is of no kind that is served. */
export function callOf(target: Target, invoked: Invoked): ApiCall | undefined {
  const universal = universalCall(target.Arn ?? '');
  if (universal) return { ...universal, input: objectIn(invoked.input) };
  const arn = parseArn(target.Arn ?? '');
  const template = arn && TEMPLATES.find(([is]) => is(arn))?.[1];
  return arn && template?.(target, arn, invoked);
}

/** The object that a text is, or an empty one. */
function objectIn(text: string | undefined): Record<string, unknown> {
  return isObject(text) ? JSON.parse(text ?? '{}') : {};
}

export function isObject(text: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
