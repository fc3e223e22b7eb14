import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  STATUS_CODES,
  request as send,
} from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WireRequest, WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/platform.ts';
import { isBalanced } from '../model/settings.ts';
import { findByCname } from '../store/environments.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;
/** Of one connection, and none of the next one's business. */
const HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'proxy-connection'],
]);

/** It is not this server's fault that an application does not answer, and no answer of the route's own. */
class NoAnswer extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where the environment is whose address was asked: its balancer, or its single instance. @throws HttpError */
async function placeOf(platform: Platform, { headers }: WireRequest) {
  const name = (headers.host ?? '').toLowerCase().replace(/:\d*$/, '');
  const found = await findByCname(platform.db, name);
  if (!found) throw new HttpError(404, 'There is no environment at this address.');
  const { endpoint } = found.body;
  if (!endpoint) throw new NoAnswer(503, 'The environment has no instance yet.');
  if (!isBalanced(found) && !platform.balancers.reach({ ...endpoint, ours: true }))
    throw new NoAnswer(503, 'The environment cannot be reached.');
  return { host: endpoint.address, port: endpoint.port };
}

function toApplication({ headers, remoteAddress, endpoint }: WireRequest): Record<string, string> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
  const before = headers['x-forwarded-for'];
  return {
    ...sent,
    'x-forwarded-for': before === undefined ? remoteAddress : `${before}, ${remoteAddress}`,
    'x-forwarded-proto': new URL(endpoint).protocol.slice(0, -1),
  };
}

/** Several of a name stay several: cookies. */
function toClient(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !HOP.has(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

/** Hands a request on, and its answer back: both are streamed. @throws HttpError where there is no such environment */
export async function pass(platform: Platform, request: WireRequest): Promise<WireResponse> {
  try {
    return await exchange(platform, request);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const { status, message } = error;
    return { status, headers: { 'content-type': 'text/plain' }, body: `${message}\n` };
  }
}

async function exchange(platform: Platform, request: WireRequest): Promise<WireResponse> {
  const place = await placeOf(platform, request);
  const { method, path, query, body, signal } = request;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = send(
      {
        ...{ ...place, method, path: query === '' ? path : `${path}?${query}`, timeout: IDLE_MS },
        ...{ headers: toApplication(request), agent: false, ...(signal && { signal }) },
      },
      resolve,
    );
    const late = setTimeout(() => {
      if (sent.socket?.connecting !== false) sent.destroy(new Error('no connection'));
    }, CONNECT_MS);
    sent.once('close', () => clearTimeout(late));
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', () => {
      body.resume();
      reject(new NoAnswer(502, 'The environment does not answer.'));
    });
    body.once('error', () => sent.destroy());
    body.pipe(sent);
  });
  return { status: answer.statusCode ?? 502, headers: toClient(answer.headers), body: answer };
}

/** WebSockets: the request goes on as it came, and then whatever comes, both ways. */
export async function passUpgrade(
  platform: Platform,
  request: WireRequest,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const place = await placeOf(platform, request).catch((error) => {
    if (!(error instanceof NoAnswer)) throw error;
    refuse(socket, error.status);
  });
  if (!place) return;
  const target = connect(place);
  target.setTimeout(CONNECT_MS, () => target.destroy());
  socket.on('error', () => target.destroy());
  socket.on('close', () => target.destroy());
  const isOpen = await new Promise<boolean>((resolve) => {
    target.once('connect', () => resolve(true));
    target.once('error', () => resolve(false));
    target.once('close', () => resolve(false));
  });
  if (!isOpen) return refuse(socket, 502);
  target.setTimeout(0);
  const { method, path, query, headers } = request;
  const lines = Object.entries({ ...headers, connection: 'Upgrade' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  target.write(`${method} ${query === '' ? path : `${path}?${query}`} HTTP/1.1\r\n${lines}\r\n`);
  target.write(head);
  target.pipe(socket);
  socket.pipe(target);
  await new Promise<void>((resolve) => {
    target.once('close', () => {
      socket.destroy();
      resolve();
    });
  });
}

const refuse = (socket: Duplex, status: number): void => {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
};
