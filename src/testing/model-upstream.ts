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

// A server that stands for services which are not here: it reads what SDKs send, and answers as a test says.

type Input = Record<string, unknown>;

/** By operation name: `CreateStack`. What is not there is refused. */
export type Answers = Record<string, (input: Input) => object | undefined | Promise<object>>;

export interface Asked {
  service: string;
  operation: string;
  input: Input;
}

export interface Upstream {
  endpoint: string;
  /** What was asked, in order. */
  asked: Asked[];
  answers: Answers;
  /** Errors that were not meant to be answered. */
  failures: unknown[];
  /** @throws Error when something was answered that is no answer of the service's */
  close(): Promise<void>;
}

/** An answer that is an error of AWS's. */
export const refused = (code: string, message: string, status = 400): never => {
  throw new AwsError(code, message, status);
};

/** @param clients the client packages of the services that it stands for */
export async function upstream(clients: object[], answers: Answers): Promise<Upstream> {
  const apis = clients.map((client) => apiOf(client));
  const asked: Asked[] = [];
  const failures: unknown[] = [];
  const stub = { asked, answers, failures };
  const server = createServer(async (req, res) => {
    const { status, headers, body } = await answer(apis, stub, req);
    res.writeHead(status, headers);
    res.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...stub,
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (failures.length > 0) throw failures[0];
    },
  };
}

async function answer(
  apis: Api[],
  { asked, answers, failures }: Pick<Upstream, 'asked' | 'answers' | 'failures'>,
  req: IncomingMessage,
) {
  const body = await buffer(req);
  const request = wireRequest(req, body);
  const service = scopeOf(request)?.service ?? '';
  const api = apis.find(({ name }) => name === service);
  if (!api) return { status: 501, headers: {}, body: `no ${service}` };
  const [protocol] = api.protocols;
  try {
    const call = { api, protocol, request, body, ...protocol.operation(api, request, body) };
    const input = protocol.decode(call);
    asked.push({ service, operation: call.operation, input });
    const say = ownValue(answers, call.operation);
    if (!say) throw new AwsError('AccessDeniedException', `no ${call.operation}`, 403);
    const { status, headers, body: bytes } = protocol.encode(call, await done(say, input), 'id');
    return { status, headers, body: await bytesOf(bytes) };
  } catch (error) {
    if (!(error instanceof AwsError)) failures.push(error);
    const said = protocol.encodeError(api, describeError(api, error, protocol), 'id');
    return { status: said.status, headers: said.headers, body: await bytesOf(said.body) };
  }
}

async function done(say: Answers[string], input: Input): Promise<Record<string, unknown>> {
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
