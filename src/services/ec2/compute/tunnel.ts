import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import type { ExecSession } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { makeMetadata } from '../metadata/service.ts';
import type { TaggedInstance } from '../model/instance.ts';
import { socketPair } from './socket-pair.ts';

export interface Tunnel {
  /** Resolves when programs in the instance can use it. */
  ready: Promise<void>;
  /** Resolves when it is no more. @returns why it could not begin, if it did not */
  closed: Promise<string | undefined>;
  close(): Promise<void>;
}

/** Connections that an instance may have to the server at a time. */
const MOST_STREAMS = 256;
/** Connections to the metadata that stand still are given up after so long. */
const IDLE_MS = 30_000;
/** A connection of which one end is closed and nothing comes by the other. */
const HALF_CLOSED_MS = 10 * 60_000;

/**
 * The server's end of `agent/instance/tunnel.ts`, over the input and output of that program in the instance: to the metadata of this
 * instance, and to the server's own port. Who is on the other side needs no secret: it is whoever runs there.
 */
export async function openTunnel(
  platform: Platform,
  exec: ExecSession,
  load: () => Promise<TaggedInstance | undefined>,
): Promise<Tunnel> {
  const metadata = metadataServer(platform, load);
  const tunnel = createHttp2({ settings: { maxConcurrentStreams: MOST_STREAMS } });
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let failure: string | undefined;
  let session: Http2Session | undefined;
  tunnel.on('session', (begun) => {
    session = begun;
  });
  tunnel.on('sessionError', () => {});
  tunnel.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    stream.respond();
    const path = headers[':path'];
    if (path === '/metadata') metadata.emit('connection', stream);
    else if (path === '/server') bridge(platform, stream);
    else if (path === '/ready') stream.resume().on('end', isReady).end();
    else
      said(stream).then(
        (words) => {
          failure = words;
          session?.destroy();
        },
        () => session?.destroy(),
      );
  });
  const [outer, inner] = await socketPair();
  for (const end of [outer, inner, exec.output, exec.stdin]) end.on('error', () => outer.destroy());
  exec.output.pipe(outer).pipe(exec.stdin);
  const { promise: closed, resolve } = Promise.withResolvers<string | undefined>();
  const end = () => {
    session?.destroy();
    outer.destroy();
    inner.destroy();
    metadata.closeAllConnections();
    metadata.close();
    resolve(failure);
  };
  // The program in the instance has ended, or we have.
  for (const either of [outer, inner]) either.once('close', end);
  tunnel.emit('connection', inner);
  return {
    ready,
    closed,
    async close() {
      end();
      await exec.end().catch(() => {});
    },
  };
}

/** What the other side has to say, no more than a line of it. */
async function said(stream: ServerHttp2Stream): Promise<string> {
  let words = '';
  for await (const bytes of stream) {
    words += String(bytes);
    if (words.length > 500) break;
  }
  return words.slice(0, 500);
}

function bridge(platform: Platform, stream: ServerHttp2Stream): void {
  const { hostname, port } = new URL(platform.serverEndpoint());
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  socket.on('error', () => stream.close());
  stream.on('close', () => socket.destroy());
  socket.on('close', () => stream.close());
  const halfClosed = () => {
    stream.setTimeout(HALF_CLOSED_MS, () => stream.close());
  };
  stream.once('end', halfClosed);
  socket.once('end', halfClosed);
  stream.pipe(socket).pipe(stream);
}

function metadataServer(platform: Platform, load: () => Promise<TaggedInstance | undefined>) {
  const answer = makeMetadata(platform, load);
  const server = createHttp((request, response) => {
    request.resume();
    answer(request).then(
      ({ status, body, headers }) => {
        response.writeHead(status, {
          ...{ server: 'EC2ws', 'content-type': 'text/plain', ...headers },
          'content-length': Buffer.byteLength(body),
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      (error) => {
        platform.log.warn({ err: error }, 'The metadata of an instance could not be had');
        response.writeHead(503, { 'content-length': 0 }).end();
      },
    );
  });
  // One that listens nowhere looks after its connections by this alone.
  server.timeout = IDLE_MS;
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}
