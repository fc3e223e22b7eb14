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
import { hopByHop } from '../../../lib/hop-by-hop.ts';
import { isBalanced } from '../model/settings.ts';
import { findByCname } from '../store/environments.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;
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

const valuesOf = (value: string | undefined) => (value === undefined ? [] : [value]);

export function toApplication({
  headers,
  remoteAddress,
  endpoint,
}: Pick<WireRequest, 'headers' | 'remoteAddress' | 'endpoint'>): Record<string, string> {
  const isHop = hopByHop(valuesOf(headers.connection));
  const sent = Object.entries(headers).filter(([name]) => !isHop(name));
  const before = headers['x-forwarded-for'];
  return {
    ...Object.fromEntries(sent),
    // Else the body of a GET would come without a frame: as a request of its own.
    ...(headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
    'x-forwarded-for': before === undefined ? remoteAddress : `${before}, ${remoteAddress}`,
    'x-forwarded-proto': endpoint.startsWith('https:') ? 'https' : 'http',
  };
}

/** Several of a name stay several: cookies. */
export function toClient(headers: IncomingHttpHeaders): Record<string, string> {
  const isHop = hopByHop(valuesOf(headers.connection));
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !isHop(name),
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
    const target = query === '' ? path : `${path}?${query}`;
    // What Node takes and does not send.
    if (/[^\x21-\xff]/.test(target)) throw new HttpError(400, 'That is no path.');
    const sent = send(
      {
        ...{ ...place, method, path: target, timeout: IDLE_MS },
        ...{ headers: toApplication(request), agent: false, ...(signal && { signal }) },
      },
      resolve,
    );
    const late = setTimeout(() => {
      if (sent.socket?.connecting !== false) sent.destroy(new Error('no connection'));
    }, CONNECT_MS);
    sent.once('close', () => clearTimeout(late));
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    // More than once: an answer that has begun may fail as well.
    sent.on('error', () => {
      body.resume();
      reject(new NoAnswer(502, 'The environment does not answer.'));
    });
    body.on('error', () => sent.destroy());
    body.pipe(sent);
  });
  const { statusCode: status = 0 } = answer;
  if (status < 200 || status > 999) {
    answer.destroy();
    throw new NoAnswer(502, 'The environment does not answer as HTTP has it.');
  }
  if (method === 'HEAD') answer.resume();
  return { status, headers: toClient(answer.headers), body: answer };
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
  const { 'content-length': _, 'transfer-encoding': __, ...sent } = toApplication(request);
  const upgrade = { connection: 'Upgrade', upgrade: headers.upgrade ?? '' };
  const lines = Object.entries({ ...sent, ...upgrade })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const line = `${method} ${query === '' ? path : `${path}?${query}`} HTTP/1.1\r\n`;
  // As it was read: a byte a character.
  target.write(`${line}${lines}\r\n`, 'latin1');
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
