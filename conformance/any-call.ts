import { Readable } from 'node:stream';
import { text as streamText } from 'node:stream/consumers';
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as beanstalk from '@aws-sdk/client-elastic-beanstalk';
import * as elb from '@aws-sdk/client-elastic-load-balancing';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sts from '@aws-sdk/client-sts';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Api } from '../src/aws/api.ts';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import type { Dispatcher } from '../src/aws/dispatcher.ts';
import type { AnyOperations } from '../src/aws/operation.ts';
import type { Principal } from '../src/aws/principal.ts';
import { EVENT_STREAM } from '../src/aws/protocols/event-stream.ts';
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
  /** Of a server in this process. */
  inside?: Inside;
}

/** What takes calls without a socket and, since who calls is known, without a signature. */
export interface Inside extends Pick<Endpoint, 'endpoint' | 'region'> {
  dispatch: Dispatcher;
  principal: Principal;
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
  const { client, commands } = sdkOf(at, as, api);
  if (at.inside && dialect === 'query') return callInside(at.inside, client, api, operation, input);
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

/** What of a client makes a request of an input, and an output of what is answered. */
interface ClientProtocol {
  serializeRequest(operation: object, input: object, context: object): Promise<HttpRequest>;
  deserializeResponse(operation: object, context: object, answer: object): Promise<object>;
}

/** The client's protocol alone: all else of a client, such as retries, takes longer than the call. */
async function callInside(
  inside: Inside,
  { config }: Sdk['client'],
  api: Api,
  name: string,
  input: object,
): Promise<Answer> {
  const [, namespace, , traits, given, answered] = api.operations[name] ?? [];
  const schema = { namespace, name, traits, input: given, output: answered };
  const context = { ...config, endpoint: async () => ({ url: new URL(inside.endpoint) }) };
  const nothing = { code: '', message: '', output: {} };
  const request = await config.protocol.serializeRequest(schema, input, context).catch(() => {});
  if (!request) return { status: 0, ...nothing };
  const { method, path, headers, body } = request;
  const sent = { method, path, query: {}, headers, body };
  const { status, headers: got, text } = await sendInside(inside, api, sent);
  if (status < 300) {
    const answer = new HttpResponse({ statusCode: status, headers: got, body: Buffer.from(text) });
    const output = await config.protocol.deserializeResponse(schema, context, answer);
    return { status, ...nothing, output: output as Record<string, unknown> };
  }
  const said = (what: string) => new RegExp(`<${what}>([^<]*)`).exec(text)?.[1] ?? '';
  return { status, ...nothing, code: errorNamed(api, said('Code')), message: said('Message') };
}

/** What clients call the error of this code: `NoSuchEntityException`. */
function errorNamed({ errors }: Api, code: string): string {
  const [name = code] =
    Object.entries(errors).find(([, schema]) => {
      const { awsQueryError = [] } = NormalizedSchema.of(schema).getMergedTraits() as {
        awsQueryError?: [string?, number?];
      };
      return awsQueryError[0] === code;
    }) ?? [];
  return name;
}

interface Sdk {
  client: { send(command: unknown): Promise<unknown>; config: { protocol: ClientProtocol } };
  commands: Record<string, new (input: object) => unknown>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const sdks = new Map<string, Sdk>();

/** What the SDK has for an API whose inputs are not JSON. Its clients are made once for a server and a caller. */
function sdkOf(
  { endpoint, region }: Endpoint,
  credentials: Credentials,
  { name, contract = name }: Api,
): Sdk {
  const key = `${contract} ${endpoint} ${credentials.accessKeyId}`;
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
    const [client, commands] = made[contract] ?? [];
    if (!client) throw new Error(`Inputs of ${contract} are not sent yet: give it a client here`);
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

async function send(at: Endpoint, as: Credentials, api: Api, sent: Sent): Promise<Answer> {
  const { status, headers, text } = await (at.inside
    ? sendInside(at.inside, api, sent)
    : sendSigned(at, as, api, sent));
  // It lasts for hours, as StartLiveTail's does: that it began is the answer.
  if (headers['content-type'] === EVENT_STREAM)
    return { status, code: '', message: '', output: {} };
  // REST: where no member stands in the body, there is none.
  const output = JSON.parse(text || '{}') as Record<string, unknown>;
  const said = String(headers['x-amzn-errortype'] ?? output.__type ?? '');
  const message = String(output.message ?? output.Message ?? '');
  return { status, code: said.split('#').at(-1) ?? '', message, output };
}

interface Received {
  status: number;
  headers: Record<string, string>;
  /** Of what has an end. */
  text: string;
}

const queryText = (query: Sent['query']) =>
  Object.entries(query)
    .flatMap(([name, values]) => values.map((value) => `${escaped(name)}=${escaped(value)}`))
    .join('&');

async function sendSigned(
  { endpoint }: Endpoint,
  as: Credentials,
  api: Api,
  { method, path, query, headers: given, body }: Sent,
): Promise<Received> {
  const { host, hostname, port } = new URL(endpoint);
  const key = { ...as, status: 'Active' as const, principal: undefined as never };
  const { headers } = await sdkSigner(api.name, key).sign({
    ...{ method, protocol: 'http:', hostname, port: Number(port), path, query, body },
    headers: { host, ...given },
  });
  const { host: _, ...sent } = headers;
  const parameters = queryText(query);
  const url = `${endpoint}${path}${parameters && `?${parameters}`}`;
  const response = await fetch(url, { method, headers: sent, body });
  const answered = Object.fromEntries(response.headers);
  if (answered['content-type'] === EVENT_STREAM) await response.body?.cancel();
  const text = answered['content-type'] === EVENT_STREAM ? '' : await response.text();
  return { status: response.status, headers: answered, text };
}

async function sendInside(
  { dispatch, endpoint, region, principal }: Inside,
  api: Api,
  { method, path, query, headers, body }: Sent,
): Promise<Received> {
  const response = await dispatch({
    ...{ method, path, query: queryText(query), endpoint, remoteAddress: '127.0.0.1' },
    headers: {
      ...headers,
      authorization: `Credential=inside/00000000/${region}/${api.name}/aws4_request`,
    },
    body: Readable.from(body === undefined ? [] : [Buffer.from(body)]),
    internal: { principal, region },
  });
  const { status, headers: answered, body: answer } = response;
  if (!(answer instanceof Readable))
    return {
      status,
      headers: answered,
      text: answer === undefined ? '' : Buffer.from(answer as never).toString(),
    };
  if (answered['content-type'] === EVENT_STREAM) answer.destroy();
  const text = answered['content-type'] === EVENT_STREAM ? '' : await streamText(answer);
  return { status, headers: answered, text };
}
