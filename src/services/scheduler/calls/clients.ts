import { NormalizedSchema } from '@smithy/core/schema';
import type { ClientClass } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';

/** The client packages of the APIs that schedules can call, here or elsewhere, by the names that universal targets have for them. */
const PACKAGES: Record<string, () => Promise<object>> = {
  appconfig: () => import('@aws-sdk/client-appconfig'),
  cloudformation: () => import('@aws-sdk/client-cloudformation'),
  cloudtrail: () => import('@aws-sdk/client-cloudtrail'),
  cloudwatch: () => import('@aws-sdk/client-cloudwatch'),
  cloudwatchlogs: () => import('@aws-sdk/client-cloudwatch-logs'),
  codebuild: () => import('@aws-sdk/client-codebuild'),
  codecommit: () => import('@aws-sdk/client-codecommit'),
  codedeploy: () => import('@aws-sdk/client-codedeploy'),
  codepipeline: () => import('@aws-sdk/client-codepipeline'),
  ecr: () => import('@aws-sdk/client-ecr'),
  ecs: () => import('@aws-sdk/client-ecs'),
  elasticbeanstalk: () => import('@aws-sdk/client-elastic-beanstalk'),
  eventbridge: () => import('@aws-sdk/client-eventbridge'),
  firehose: () => import('@aws-sdk/client-firehose'),
  iam: () => import('@aws-sdk/client-iam'),
  kinesis: () => import('@aws-sdk/client-kinesis'),
  kms: () => import('@aws-sdk/client-kms'),
  lambda: () => import('@aws-sdk/client-lambda'),
  s3: () => import('@aws-sdk/client-s3'),
  scheduler: () => import('@aws-sdk/client-scheduler'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  servicecatalog: () => import('@aws-sdk/client-service-catalog'),
  servicequotas: () => import('@aws-sdk/client-service-quotas'),
  sfn: () => import('@aws-sdk/client-sfn'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
};

export interface AnyClient {
  send(command: object): Promise<unknown>;
  destroy(): void;
}

/** An operation of an API, as its client package has it. */
export interface Callable {
  Client: ClientClass<AnyClient>;
  /** The command with parameters as JSON has them. */
  command(parameters: Record<string, unknown>): object;
  /** The first member that the operation has not, or undefined. */
  strange(parameters: Record<string, unknown>): string | undefined;
}

/** Undefined where no such operation is known. @param operation `startBuild` */
export async function callable(service: string, operation: string): Promise<Callable | undefined> {
  const exported = (await ownValue(PACKAGES, service)?.()) as Record<string, unknown> | undefined;
  if (!exported) return undefined;
  const name = operation.charAt(0).toUpperCase() + operation.slice(1);
  const Command = exported[`${name}Command`] as (new (input: object) => object) | undefined;
  const schema = exported[`${name}$`] as unknown[] | undefined;
  const client = Object.keys(exported).find((each) => /^[A-Z]\w*Client$/.test(each));
  if (!Command || !schema || client === undefined) return undefined;
  const input = NormalizedSchema.of(inputSchema(schema));
  return {
    Client: exported[client] as ClientClass<AnyClient>,
    command: (parameters) => new Command(read(input, parameters) as object),
    strange: (parameters) =>
      Object.keys(parameters).find((member) => memberOf(input, member) === undefined),
  };
}

/** An operation's schema has that of its input as its last but one. */
const inputSchema = (schema: unknown[]): never => {
  const input = schema[4];
  return (typeof input === 'function' ? input() : input) as never;
};

/** Members are called as the API's or, as universal targets have them, with a capital. */
function memberOf(of: NormalizedSchema, name: string): [string, NormalizedSchema] | undefined {
  const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
  const members = of.isStructSchema() ? Object.entries(of.getMemberSchemas()) : [];
  return (
    members.find(([member]) => member === name) ??
    members.find(([member]) => lower(member) === lower(name))
  );
}

function read(of: NormalizedSchema, value: unknown): unknown {
  if (value === null) return undefined;
  if (of.isTimestampSchema())
    return new Date(typeof value === 'number' ? value * 1000 : `${value}`);
  if (of.isBlobSchema() && typeof value === 'string') return bytesOf(of, value);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value))
    return of.isListSchema() ? value.map((each) => read(of.getValueSchema(), each)) : value;
  const entries = Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
    if (of.isMapSchema()) return [[name, read(of.getValueSchema(), each)]];
    const member = memberOf(of, name);
    return member ? [[member[0], read(member[1], each)]] : [[name, each]];
  });
  return Object.fromEntries(entries);
}

/**
 * What is the whole body of a request, such as a function's event, is text in AWS's examples; all else is base64.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
const bytesOf = (of: NormalizedSchema, text: string): Buffer =>
  Buffer.from(text, of.getMergedTraits().httpPayload === undefined ? 'base64' : 'utf8');
