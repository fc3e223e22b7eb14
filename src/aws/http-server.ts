import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { WireRequest, WireResponse } from './http.ts';
import { IncomingRequest } from './incoming-request.ts';
import { inTurn } from './pipelining.ts';
import { EVENT_STREAM } from './protocols/event-stream.ts';

export interface TlsIdentity {
  cert: string;
  key: string;
}

export interface HttpServerOptions {
  handle(request: WireRequest): Promise<WireResponse>;
  /** Is a request to upgrade its connection (WebSockets) one that is upgraded? Others are answered as if they had not asked. */
  upgrades(request: WireRequest): boolean;
  upgrade(request: WireRequest, socket: Duplex, head: Buffer): Promise<void>;
  /** Certificate and key, asked for at each TLS connection: the same object as long as they are the same. */
  tls(): Promise<TlsIdentity>;
  /** Told of failures while a response was being written. */
  failed(error: unknown): void;
  /** How long a client may take nothing of its answer; default: STALL_MS. */
  stallMs?: number;
}

/** The first byte of a TLS handshake record. */
const TLS_HANDSHAKE = 0x16;
/** A client that says nothing must not hold a connection for ever. */
const FIRST_BYTE_TIMEOUT_MS = 30_000;
/** Nor one that never ends its handshake. */
const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Nor one that never ends its headers. Bodies may take as long as they like: clones and uploads do. */
const HEADERS_TIMEOUT_MS = 30_000;
/** Nor may one hold what its answer holds (a session, a chunk of a file) that has stopped to read it. */
const STALL_MS = 5 * 60_000;
/** How long a client that has its answer may go on sending before its connection is closed. */
const LINGER_MS = 30_000;

/** One port for plain HTTP and TLS alike: the first byte of a connection tells. */
export function makeHttpServer(options: HttpServerOptions): { tcp: TcpServer; closeIdle(): void } {
  const plain = httpServer(options, 'http');
  const overTls = httpServer(options, 'https');
  let secure: { server: TlsServer; identity: TlsIdentity } | undefined;
  const tlsServer = async () => {
    const identity = await options.tls();
    if (!secure) {
      const server = createTlsServer(
        { ...identity, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
        (socket) => overTls.emit('connection', socket),
      );
      secure = { server: server.on('tlsClientError', () => {}), identity };
    } else if (secure.identity !== identity) {
      // For new connections; those that are there stay.
      secure.server.setSecureContext(identity);
      secure.identity = identity;
    }
    return secure.server;
  };
  const tcp = createTcpServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(FIRST_BYTE_TIMEOUT_MS, () => socket.destroy());
    socket.once('readable', () => firstBytes(socket, plain, tlsServer));
  });
  return {
    tcp,
    closeIdle() {
      plain.closeIdleConnections();
      overTls.closeIdleConnections();
    },
  };
}

function firstBytes(socket: Socket, plain: Server, tls: () => Promise<TlsServer>): void {
  const head: Buffer | null = socket.read();
  if (head === null) {
    socket.destroy();
    return;
  }
  socket.setTimeout(0);
  socket.removeAllListeners('timeout');
  socket.unshift(head);
  if (head[0] !== TLS_HANDSHAKE) {
    plain.emit('connection', socket);
    return;
  }
  tls().then(
    (server) => server.emit('connection', socket),
    () => socket.destroy(),
  );
}

function httpServer(options: HttpServerOptions, scheme: 'http' | 'https'): Server {
  const timeouts = {
    keepAliveTimeout: 65_000,
    requestTimeout: 0,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 6,
    shouldUpgradeCallback: (req: IncomingMessage) =>
      req.socket.destroyed || options.upgrades(wireRequest(scheme, req)),
    IncomingMessage: IncomingRequest,
  };
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    serve(options, scheme, req, res).catch((error) => {
      options.failed(error);
      res.destroy();
    });
  };
  const server = createHttpServer(timeouts, inTurn(answer));
  server.on('upgrade', (req, socket, head) => {
    if (socket.destroyed) return;
    socket.on('error', () => socket.destroy());
    options.upgrade(wireRequest(scheme, req), socket, head).catch((error) => {
      options.failed(error);
      socket.destroy();
    });
  });
  // It is handed its connections and never listens itself; this is when Node begins to look at the time.
  server.emit('listening');
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  return server;
}

async function serve(
  options: HttpServerOptions,
  scheme: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort(new Error('The client has gone'));
  });
  const response = await options.handle({ ...wireRequest(scheme, req), signal: gone.signal });
  const { body } = response;
  // Only where something is waiting for its client: answers may be long in coming.
  res.setTimeout(options.stallMs ?? STALL_MS, () => {
    if (res.writableLength > 0) res.destroy();
  });
  if (body instanceof Readable) {
    res.writeHead(response.status, response.headers);
    // The client of a stream of events has its answer before the first event, which may be long in coming.
    if (response.headers['content-type'] === EVENT_STREAM) res.flushHeaders();
    await pipeline(body, res).catch((error) => {
      // A client that hung up in the middle is no failure of ours.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error;
    });
    return;
  }
  const headers = response.headers;
  if (req.method !== 'HEAD' && response.status !== 204 && response.status !== 304) {
    headers['content-length'] = String(body === undefined ? 0 : Buffer.byteLength(body));
  }
  res.writeHead(response.status, headers);
  if (!req.complete && !res.shouldKeepAlive) {
    if (body !== undefined) res.write(body);
    await drained(req);
    res.end();
  } else res.end(body);
}

/**
 * The end of a body that nobody reads. To close a connection on a client that is still sending resets it,
 * and the answer is lost on its way: SDKs ask for `Connection: close` on large uploads.
 */
function drained(req: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, LINGER_MS);
    req.once('close', () => {
      clearTimeout(late);
      resolve();
    });
    req.resume();
  });
}

function wireRequest(scheme: string, req: IncomingMessage): WireRequest {
  const url = req.url ?? '/';
  const mark = url.indexOf('?');
  const headers = req.headers as Record<string, string>;
  return {
    method: req.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    body: req,
    endpoint: `${scheme}://${headers.host ?? 'localhost'}`,
    remoteAddress: req.socket.remoteAddress ?? '',
  };
}
