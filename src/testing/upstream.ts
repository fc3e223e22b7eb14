import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { scopeOf } from '../aws/router.ts';
import { upstreamVariable } from '../lib/upstream.ts';

/** A signed request that came to an upstream. */
export interface UpstreamCall {
  /** What the signature says. */
  service: string;
  region: string;
  accessKeyId: string;
  /** `StartExecution`; of REST APIs the method and the path. */
  operation: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body, where it is JSON. */
  input: Record<string, unknown>;
}

export interface UpstreamAnswer {
  status: number;
  /** An error's code. */
  code?: string;
  body?: object;
}

/** A tiny server that stands for AWS: it notes the requests, and answers with what the test says (default: yes). */
export interface Upstream {
  url: string;
  calls: UpstreamCall[];
  answer(call: UpstreamCall): UpstreamAnswer | Promise<UpstreamAnswer>;
  close(): void;
}

export async function makeUpstream(): Promise<Upstream> {
  const calls: UpstreamCall[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const call = callOf({ method, url, headers, body: await buffer(request) });
    calls.push(call);
    const { status, code, body = {} } = await upstream.answer(call);
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      ...(code !== undefined && { 'x-amzn-errortype': code }),
    });
    response.end(JSON.stringify(code === undefined ? body : { __type: code, message: 'no' }));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const upstream: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: () => ({ status: 200 }),
    close() {
      server.closeAllConnections();
      server.close();
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

interface Got {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function callOf({ method, url, headers, body }: Got): UpstreamCall {
  const { authorization = '', 'x-amz-target': target } = headers;
  const scope = scopeOf({ headers: { authorization }, query: '' });
  const rest = `${method} ${decodeURIComponent(url ?? '')}`;
  return {
    ...{ service: '', region: '', accessKeyId: '', ...scope },
    operation: typeof target === 'string' ? (target.split('.').at(-1) ?? '') : rest,
    ...{ headers, body, input: objectIn(body) },
  };
}

function objectIn(body: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(body.toString()));
  } catch {
    return {};
  }
}
