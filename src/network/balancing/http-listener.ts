import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { Exchange, type HttpFace, type Upgraded } from './exchange.ts';
import { MAX_HEADER_BYTES } from './headers.ts';
import { answerPage, rawPage } from './pages.ts';
import type { BalancerPlan } from './plan.ts';
import type { LiveTls } from './tls.ts';

/** The target's time is over first, so that the client is told. */
const GRACE_MS = 2_000;

/** A server whose requests go where `face` says. */
export function makeHttpListener(
  face: (request: IncomingMessage) => HttpFace | undefined,
  {
    idleMs,
    keepAliveMs,
    tls,
  }: Pick<BalancerPlan, 'idleMs' | 'keepAliveMs'> & { tls?: Pick<LiveTls, 'options'> | undefined },
): Server | SecureServer {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: idleMs,
    headersTimeout: Math.min(idleMs, 60_000),
    // An upload takes as long as it moves.
    requestTimeout: 0,
    noDelay: true,
  };
  // HTTP/2 is not spoken: ALPN says http/1.1.
  const server = tls ? createSecureServer({ ...options, ...tls.options() }) : createServer(options);
  server.maxHeadersCount = 0;
  server.setTimeout(idleMs + GRACE_MS);
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket & { since?: number }) => {
    socket.since = performance.now();
  });
  const take = (request: IncomingMessage, response: ServerResponse, upgraded?: Upgraded) => {
    const { since = 0 } = request.socket as Socket & { since?: number };
    if (performance.now() - since > keepAliveMs) response.shouldKeepAlive = false;
    const found = face(request);
    if (found) new Exchange(found, request, response, upgraded).run();
    else answerPage(response, 404);
  };
  server.on('request', (request, response) => take(request, response));
  server.on('upgrade', (request, socket, head) => {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.on('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    take(request, response, { socket, head });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(rawPage(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400));
  });
  return server;
}
