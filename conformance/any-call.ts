import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as beanstalk from '@aws-sdk/client-elastic-beanstalk';
import * as elb from '@aws-sdk/client-elastic-load-balancing';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Api } from '../src/aws/api.ts';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import type { AnyOperations } from '../src/aws/operation.ts';
import { SERVICES } from '../src/services/registry.ts';

// Any operation of any service, as the registry has it, called with any input.

/** An operation that is built. */
export interface Built {
  /** Folder name: `codebuild`. */
  service: string;
  api: Api;
  /** `StartBuild` */
  name: string;
  /** Of its input. */
  schema: unknown;
  /** What its authorization asks. */
  rule: AnyOperations[string]['authorize'];
}

export const SERVICE_NAMES = Object.keys(SERVICES);

/** Every operation that is built, of every service of the registry. */
export const BUILT: Built[] = (
  await Promise.all(
    Object.entries(SERVICES).map(async ([service, load]) =>
      (
        await (await load()).load()
      ).default.apis.flatMap(({ api, operations }) =>
        Object.entries(api.operations).flatMap(([name, schema]): Built[] => {
          const operation = operations[name.charAt(0).toLowerCase() + name.slice(1)];
          if (!operation) return [];
          return [{ service, api, name, schema: schema[4], rule: operation.authorize }];
        }),
      ),
    ),
  )
).flat();

export interface Endpoint {
  endpoint: string;
  region: string;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface Answer {
  /** 0 when the SDK's client would not send it. */
  status: number;
  /** Of an error. */
  code: string;
  message: string;
  output: Record<string, unknown>;
}

/** Calls an operation. JSON goes over the wire as it is, whatever its types; the rest through the SDK's client. */
export async function callAny(
  at: Endpoint,
  as: Credentials,
  api: Api,
  operation: string,
  input: object,
): Promise<Answer> {
  const { dialect } = api.protocols[0];
  if (dialect === 'json') return post(at, as, api, operation, input);
  if (dialect === 'rest-json') return postRest(at, as, api, operation, input);
  // The client would announce a body of this length, and not send it.
  if ('ContentLength' in input) delete input.ContentLength;
  const { client, commands } = sdkOf(at, as, api.contract ?? api.name);
  const Command = commands[`${operation}Command`];
  if (!Command) throw new Error(`The SDK has no ${operation}Command`);
  try {
    const output = (await client.send(new Command(input))) as Record<string, unknown>;
    return { status: 200, code: '', message: '', output };
  } catch (error) {
    const { name: code, message } = error as Error;
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    // Left without a source, a copy is a PutObject: the client makes this of its answer without a body.
    return { status: status === 503 ? 200 : status, code, message, output: {} };
  }
}

interface Sdk {
  client: { send(command: unknown): Promise<unknown> };
  commands: Record<string, new (input: object) => unknown>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const sdks = new Map<string, Sdk>();

/** What the SDK has for an API whose inputs are not JSON. Its clients are made once for a server and a caller. */
function sdkOf({ endpoint, region }: Endpoint, credentials: Credentials, api: string): Sdk {
  const key = `${api} ${endpoint} ${credentials.accessKeyId}`;
  let sdk = sdks.get(key);
  if (!sdk) {
    const config = {
      ...{ endpoint, region, credentials },
      ...{ maxAttempts: 1, forcePathStyle: true, logger: silent },
    };
    const made: Record<string, [object, object]> = {
      ec2: [new ec2.EC2Client(config), ec2],
      autoscaling: [new autoscaling.AutoScalingClient(config), autoscaling],
      elb: [new elb.ElasticLoadBalancingClient(config), elb],
      elbv2: [new elbv2.ElasticLoadBalancingV2Client(config), elbv2],
      elasticbeanstalk: [new beanstalk.ElasticBeanstalkClient(config), beanstalk],
      iam: [new iam.IAMClient(config), iam],
      s3: [new s3.S3Client(config), s3],
      sns: [new sns.SNSClient(config), sns],
      sts: [new sts.STSClient(config), sts],
    };
    const [client, commands] = made[api] ?? [];
    if (!client) throw new Error(`Inputs of ${api} are not sent yet: give it a client here`);
    sdk = { client: client as Sdk['client'], commands: commands as Sdk['commands'] };
    sdks.set(key, sdk);
  }
  return sdk;
}

function post(
  at: Endpoint,
  as: Credentials,
  api: Api,
  operation: string,
  input: object,
): Promise<Answer> {
  return send(at, as, api, {
    ...{ method: 'POST', path: '/', query: {}, body: JSON.stringify(input) },
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${api.targetPrefix}.${operation}`,
    },
  });
}

/** Members go where the schema says: into the path, the query or the body. */
function postRest(
  at: Endpoint,
  as: Credentials,
  api: Api,
  operation: string,
  input: object,
): Promise<Answer> {
  const schema = api.operations[operation];
  const [, , , traits, inputSchema] = schema ?? [];
  const [method = '', template = ''] = (traits as { http: [string, string, number] }).http;
  const bindings = new Map(
    [...NormalizedSchema.of(inputSchema as never).structIterator()].map(([name, member]) => [
      name,
      member.getMergedTraits(),
    ]),
  );
  let path = template;
  const query: Record<string, string[]> = {};
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const { httpLabel, httpQuery } = bindings.get(name) ?? {};
    if (httpLabel) path = path.replace(`{${name}}`, () => escaped(value));
    else if (httpQuery) query[httpQuery] = [value].flat().map((one) => wellFormed(one));
    else body[name] = value;
  }
  const headers = { 'content-type': 'application/json' };
  // What has nothing in its body has none, and GET may have none.
  const sent = Object.keys(body).length > 0 ? JSON.stringify(body) : undefined;
  return send(at, as, api, { method, path, query, headers, body: sent });
}

const wellFormed = (value: unknown) => String(value).toWellFormed();
const escaped = (value: unknown) =>
  encodeURIComponent(wellFormed(value)).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );

interface Sent {
  method: string;
  path: string;
  query: Record<string, string[]>;
  headers: Record<string, string>;
  body: string | undefined;
}

async function send(
  { endpoint }: Endpoint,
  as: Credentials,
  api: Api,
  { method, path, query, headers: given, body }: Sent,
): Promise<Answer> {
  const { host, hostname, port } = new URL(endpoint);
  const key = { ...as, status: 'Active' as const, principal: undefined as never };
  const { headers } = await sdkSigner(api.name, key).sign({
    ...{ method, protocol: 'http:', hostname, port: Number(port), path, query, body },
    headers: { host, ...given },
  });
  const { host: _, ...sent } = headers;
  const parameters = Object.entries(query).flatMap(([name, values]) =>
    values.map((value) => `${escaped(name)}=${escaped(value)}`),
  );
  const url = `${endpoint}${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
  const response = await fetch(url, { method, headers: sent, body });
  // It lasts for hours, as StartLiveTail's does: that it began is the answer.
  if (response.headers.get('content-type') === 'application/vnd.amazon.eventstream') {
    await response.body?.cancel();
    return { status: response.status, code: '', message: '', output: {} };
  }
  // REST: where no member stands in the body, there is none.
  const output = JSON.parse((await response.text()) || '{}') as Record<string, unknown>;
  const code =
    String(response.headers.get('x-amzn-errortype') ?? output.__type ?? '')
      .split('#')
      .at(-1) ?? '';
  const message = String(output.message ?? output.Message ?? '');
  return { status: response.status, code, message, output };
}
