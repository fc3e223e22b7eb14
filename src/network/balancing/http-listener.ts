import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { Exchange, type HttpFace, type Upgraded } from './exchange.ts';
import { MAX_HEADER_BYTES } from './headers.ts';
import { answerPage, rawPage } from './pages.ts';
import type { LiveTls } from './tls.ts';

/** The target's time is over first, so that the client is told. */
const GRACE_MS = 2_000;
/** For the head of a request. */
const HEADERS_MS = 60_000;

/**
 * A server whose requests go where `face` says.
 * @param idleMs how long nothing may move on a connection, as it is told when one comes; each request has its own listener's
 */
export function makeHttpListener(
  face: (request: IncomingMessage) => HttpFace | 'misdirected' | undefined,
  { idleMs, tls }: { idleMs(): number; tls?: Pick<LiveTls, 'options'> | undefined },
): Server | SecureServer {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // Each connection's time is set below, by its listener's; none is told to the client, as ALB tells none.
    keepAliveTimeout: 0,
    headersTimeout: HEADERS_MS,
    // An upload takes as long as it moves.
    requestTimeout: 0,
    noDelay: true,
  };
  // HTTP/2 is not spoken: ALPN says http/1.1.
  const server = tls ? createSecureServer({ ...options, ...tls.options() }) : createServer(options);
  server.maxHeadersCount = 0;
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket & { since?: number }) => {
    socket.since = performance.now();
    socket.setTimeout(idleMs() + GRACE_MS);
  });
  const take = (request: IncomingMessage, response: ServerResponse, upgraded?: Upgraded) => {
    const found = face(request);
    if (!found || found === 'misdirected') {
      answerPage(response, found ? 421 : 404);
      return;
    }
    const { socket } = request as { socket: Socket & { since?: number } };
    const { plan } = found;
    if (performance.now() - (socket.since ?? 0) > plan.keepAliveMs)
      response.shouldKeepAlive = false;
    socket.setTimeout(plan.idleMs + GRACE_MS);
    response.once('finish', () => socket.setTimeout(plan.idleMs));
    new Exchange(found, request, response, upgraded).run();
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
