import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { formatArn, parseArn } from '../aws/arn.ts';
import { AwsError } from '../aws/errors.ts';
import { ownValue } from '../lib/own.ts';
import { statusOf } from '../lib/refusal.ts';
import { upstreamVariable } from '../lib/upstream.ts';
import type { ActAs, Platform } from './platform.ts';

/** What an upstream is given to answer: one that hangs keeps nobody. */
const PATIENCE = { connectionTimeout: 5000, socketTimeout: 60_000 };
/** One place may stand for many services, and who is slow there takes no connection from the others. */
const AGENT = { keepAlive: true, maxSockets: 1000 };
const HANDLING = { ...PATIENCE, httpAgent: AGENT, httpsAgent: AGENT };

/** Requests over HTTP/1.1 for all clients of upstreams, which share their connections; loaded by the first of them. */
export function makeUpstreamHandler(): object {
  let made: Promise<NodeHttpHandler> | undefined;
  return {
    async handle(...request: Parameters<NodeHttpHandler['handle']>) {
      made ??= import('@smithy/node-http-handler').then(
        (module) => new module.NodeHttpHandler(HANDLING),
      );
      return (await made).handle(...request);
    },
    ...REST,
  };
}

/** What the SDK asks of a request handler besides. */
const REST = {
  httpHandlerConfigs: () => ({}),
  updateHttpClientConfig: () => {},
  destroy: () => {},
};

/**
 * A service that nobody here answers for: a refusal (501) that no other try mends, until somebody says where it is.
 * @param service its signing name
 */
export const notServed = (service: string): AwsError =>
  new AwsError(
    'NotImplemented',
    `Slipway does not serve ${service} yet, and no other endpoint is set for it: ${upstreamVariable(service)} says where it is.`,
    501,
  );

/** The configuration of a client whose every call fails by `notServed`. */
export const unservedConfig = (service: string, region: string): object => ({
  region,
  maxAttempts: 1,
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nobody' },
  signer: { sign: async (request: unknown) => request },
  requestHandler: {
    async handle() {
      throw notServed(service);
    },
    ...REST,
  },
});

type Input = Record<string, unknown>;
type Question = [action: string, resource: string];

/** The resource of a call, which a member of its input names by an ARN, or by a name before which `type` stands in one. */
const named =
  (type: string, ...members: string[]) =>
  (input: Input, place: Pick<Arn, 'service' | 'region' | 'accountId'>): string => {
    const name = members.map((member) => input[member]).find((value) => value !== undefined);
    const text = String(name ?? '*');
    return parseArn(text) ? text : formatArn({ ...place, resource: `${type}${text}` });
  };
type Arn = Parameters<typeof formatArn>[0];

/**
 * A function, however a call names it: NAME, ACCOUNT:function:NAME or an ARN, each with a version or an alias behind it, which may
 * be a member of its own too. All of them are one resource to IAM, or a policy would be got around by another spelling.
 */
function functionOf(
  input: Input,
  { region, accountId }: Pick<Arn, 'region' | 'accountId'>,
): string {
  const given = String(input.FunctionName ?? '*');
  const arn = parseArn(given);
  const [account, ...rest] = arn
    ? [arn.accountId, ...arn.resource.split(':')]
    : /^\d{12}:function:/.test(given)
      ? given.split(':')
      : [accountId, 'function', ...given.split(':')];
  const [, name = '*', behind] = rest;
  const qualifier = behind ?? (input.Qualifier === undefined ? undefined : String(input.Qualifier));
  const place = {
    service: 'lambda',
    region: arn?.region ?? region,
    accountId: account ?? accountId,
  };
  return formatArn({ ...place, resource: ['function', name, qualifier].filter(Boolean).join(':') });
}

/** Of an alias's function: IAM knows no other resource for these calls. */
const functionAlone = ({ FunctionName }: Input, place: Pick<Arn, 'region' | 'accountId'>) =>
  functionOf({ FunctionName: String(FunctionName ?? '*') }, place)
    .split(':')
    .slice(0, 7)
    .join(':');

/** A service or a task set of ECS: what it is in stands in its ARN before it, by names. */
const inCluster =
  (type: 'service' | 'task-set', ...members: string[]) =>
  (input: Input, place: Pick<Arn, 'service' | 'region' | 'accountId'>): string => {
    const { cluster = 'default' } = input;
    const one = (value: unknown) =>
      Array.isArray(value) && value.length > 1 ? '*' : [value].flat()[0];
    const names = [cluster, ...members.map((member) => one(input[member]))];
    // Each may be an ARN: its last part is the name, but the id of a task set has a slash of its own.
    const parts = names.map((name) => lastOf(String(name ?? '*')));
    return formatArn({ ...place, resource: [type, ...parts].join('/') });
  };

function lastOf(name: string): string {
  const { resource } = parseArn(name) ?? {};
  if (resource === undefined) return name;
  return resource
    .split('/')
    .slice(resource.startsWith('task-set/') ? 3 : -1)
    .join('/');
}

const STREAM = named('stream/', 'StreamARN', 'StreamName');
const DELIVERY_STREAM = named('deliverystream/', 'DeliveryStreamName');
/** What IAM is asked for calls of services that are not here: actions that are not called as the operation is, and resources. */
const QUESTIONS: Record<string, { action?: string; resource: ReturnType<typeof named> }> = {
  'lambda:Invoke': {
    action: 'lambda:InvokeFunction',
    resource: functionOf,
  },
  'lambda:GetAlias': { resource: functionAlone },
  'lambda:UpdateAlias': { resource: functionAlone },
  'ecs:DescribeServices': { resource: inCluster('service', 'services') },
  'ecs:CreateTaskSet': { resource: inCluster('service', 'service') },
  'ecs:UpdateServicePrimaryTaskSet': { resource: inCluster('service', 'service') },
  'ecs:DeleteTaskSet': { resource: inCluster('task-set', 'service', 'taskSet') },
  'states:StartExecution': { resource: named('stateMachine:', 'stateMachineArn') },
  'kinesis:PutRecord': { resource: STREAM },
  'kinesis:PutRecords': { resource: STREAM },
  'firehose:PutRecord': { resource: DELIVERY_STREAM },
  'firehose:PutRecordBatch': { resource: DELIVERY_STREAM },
};

function questionOf(
  service: string,
  operation: string,
  input: Input,
  { roleArn, region }: { roleArn: string; region: string },
): Question {
  const own = `${service}:${operation}`;
  const known = ownValue(QUESTIONS, own);
  if (!known) return [own, '*'];
  const accountId = parseArn(roleArn)?.accountId ?? '';
  return [known.action ?? own, known.resource(input, { service, region, accountId })];
}

type Next = (args: { input: Input }) => Promise<unknown>;
/** What all clients of the SDK have. */
interface Guarded {
  middlewareStack: {
    add(
      middleware: (next: Next, context: { commandName?: string }) => Next,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

export interface Upstream {
  service: string;
  actAs: ActAs;
  authorizeAs: Platform['authorizeAs'];
  /** Does this server answer for it too? Then what may be done there is for that endpoint alone to say. */
  isServed: boolean;
}

/**
 * An upstream knows the server's credentials and nobody else: whether a role trusts who uses it, and what it may do, is
 * asked here before each call. Calls that fail without an answer are marked as an API's.
 */
export function guardUpstream(
  client: object,
  { service, actAs, authorizeAs, isServed }: Upstream,
): void {
  const { middlewareStack } = client as Guarded;
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if ('roleArn' in actAs && !isServed) {
          const operation = commandName.replace(/Command$/, '');
          await authorizeAs(actAs, ...questionOf(service, operation, args.input, actAs));
        }
        return next(args).catch(rethrow);
      },
    { step: 'initialize', name: 'slipwayUpstream' },
  );
}

function rethrow(error: Error & { $metadata?: object }): never {
  if (statusOf(error) === undefined) error.$metadata ??= {};
  throw error;
}
