import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { World } from '../../testing.ts';

/** What an endpoint was sent. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** An HTTP endpoint on this machine that answers with `status`, which a test may change. */
export async function makeEndpoint(): Promise<Endpoint> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ headers: request.headers, body });
    await endpoint.hold?.();
    response.writeHead(endpoint.status, endpoint.headers).end();
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const endpoint: Endpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    status: 200,
    headers: {},
    received,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return endpoint;
}

export interface Endpoint {
  url: string;
  status: number;
  headers: Record<string, string>;
  received: Received[];
  /** What an answer waits for. */
  hold?: () => Promise<void>;
  close(): void;
}

/** Follows a link of the server's own. */
export async function follow({ server }: Pick<World, 'server'>, link: string) {
  const { pathname, search } = new URL(link);
  const answer = await server.handle({
    method: 'GET',
    path: pathname,
    query: search.slice(1),
    headers: {},
    body: Readable.from([]),
    endpoint: 'http://127.0.0.1:4566',
    remoteAddress: '127.0.0.1',
  });
  return { status: answer.status, body: String(answer.body ?? '') };
}
