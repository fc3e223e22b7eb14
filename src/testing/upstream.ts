import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { apiOf } from '../aws/api.ts';
import { AwsError } from '../aws/errors.ts';
import type { WireRequest } from '../aws/http.ts';
import { describeError } from '../aws/protocols/describe-error.ts';
import type { Api } from '../aws/protocols/protocol.ts';
import { scopeOf } from '../aws/router.ts';
import { ownValue } from '../lib/own.ts';
import { upstreamVariable } from '../lib/upstream.ts';

// A server that stands for services which are not here: it reads what SDKs send, and answers as a test says.

/** A signed request that came, read by the model of its service. */
export interface UpstreamCall {
  /** What the signature says. */
  service: string;
  region: string;
  accessKeyId: string;
  /** `StartExecution`. */
  operation: string;
  input: Record<string, unknown>;
}

type Answer = (input: UpstreamCall['input']) => object | undefined | Promise<object>;

/** By operation name: `CreateStack`; `*` answers all others, which are refused without it. */
export type Answers = Record<string, Answer>;

export interface Upstream {
  url: string;
  /** What came, in order. */
  calls: UpstreamCall[];
  answers: Answers;
  /** @throws Error when something was answered that is no answer of the service's */
  close(): Promise<void>;
}

/** An answer that is an error of AWS's. */
export const refused = (code: string, message: string, status = 400): never => {
  throw new AwsError(code, message, status);
};

/** Each call is answered with an error. */
export const refusing = (status: number, code = 'ServiceUnavailableException'): Answers => ({
  '*': () => refused(code, 'no', status),
});

/** Each call is answered with yes. */
export const accepting = (): Answers => ({ '*': () => ({}) });

/** It stands for what services deliver to and Slipway does not have: functions, state machines and streams. */
export async function makeDestinations(): Promise<Upstream> {
  const clients = [
    await import('@aws-sdk/client-lambda'),
    await import('@aws-sdk/client-sfn'),
    await import('@aws-sdk/client-kinesis'),
    await import('@aws-sdk/client-firehose'),
  ];
  return makeUpstream(clients, accepting());
}

/** The JSON of bytes that a call brought: a function's event, or a record. */
export const jsonOf = (bytes: unknown) => JSON.parse(Buffer.from(bytes as Uint8Array).toString());

/** @param clients the client packages of the services that it stands for */
export async function makeUpstream(clients: object[], answers: Answers): Promise<Upstream> {
  const apis = clients.map((client) => apiOf(client));
  const calls: UpstreamCall[] = [];
  const failures: unknown[] = [];
  const server = createServer(async (req, res) => {
    const { status, headers, body } = await answer(apis, { ...upstream, failures }, req);
    res.writeHead(status, headers);
    res.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = {
    url: `http://127.0.0.1:${port}`,
    calls,
    answers,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (failures.length > 0) throw failures[0];
    },
  };
  return upstream;
}

/** What tells a server process of it, by the names of services. */
export const upstreamEnvironment = (
  { url }: Pick<Upstream, 'url'>,
  ...services: string[]
): Record<string, string> => ({
  ...Object.fromEntries(services.map((service) => [upstreamVariable(service), url])),
  AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT',
  AWS_SECRET_ACCESS_KEY: 'secret',
});

async function answer(
  apis: Api[],
  { calls, answers, failures }: Pick<Upstream, 'calls' | 'answers'> & { failures: unknown[] },
  req: IncomingMessage,
) {
  const body = await buffer(req);
  const request = wireRequest(req, body);
  const scope = scopeOf(request);
  const api = apis.find(({ name }) => name === scope?.service);
  if (!scope || !api) return { status: 501, headers: {}, body: `no ${scope?.service}` };
  const [protocol] = api.protocols;
  try {
    const call = { api, protocol, request, body, ...protocol.operation(api, request, body) };
    const { operation } = call;
    const input = protocol.decode(call);
    const { service, region, accessKeyId } = scope;
    calls.push({ service, region, accessKeyId, operation, input });
    const say = ownValue(answers, operation) ?? ownValue(answers, '*');
    if (!say) throw new AwsError('AccessDeniedException', `no ${operation}`, 403);
    const { status, headers, body: bytes } = protocol.encode(call, await done(say, input), 'id');
    return { status, headers, body: await bytesOf(bytes) };
  } catch (error) {
    if (!(error instanceof AwsError)) failures.push(error);
    const said = protocol.encodeError(api, describeError(api, error, protocol), 'id');
    return { status: said.status, headers: said.headers, body: await bytesOf(said.body) };
  }
}

async function done(say: Answer, input: UpstreamCall['input']): Promise<Record<string, unknown>> {
  return ((await say(input)) ?? {}) as Record<string, unknown>;
}

async function bytesOf(body: unknown): Promise<string | Uint8Array | undefined> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return buffer(Readable.from(body as AsyncIterable<Uint8Array>));
}

function wireRequest(req: IncomingMessage, body: Buffer): WireRequest {
  const [path = '', query = ''] = (req.url ?? '').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(req.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  return {
    ...{ method: req.method ?? '', path, query, headers, body: Readable.from([body]) },
    ...{ endpoint: '', remoteAddress: '127.0.0.1' },
  };
}
