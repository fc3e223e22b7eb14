import { Agent, type IncomingMessage, type RequestOptions, request as sendHttp } from 'node:http';
import { request as sendHttps, Agent as TlsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { unless } from '../lib/unless.ts';
import { makeReach, type ReachRules } from './reachable.ts';
import { type Resolve, resolveName } from './resolve.ts';

/** A request that a user has configured: to whom, and with what. */
export interface OutboundRequest {
  method: string;
  /** `http:` or `https:`; a name and a password in it go as Basic credentials. */
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For all of it: names, connection, request and answer. Default 15 s, which is SNS's. */
  timeoutMs?: number;
  /** Ends it before that. */
  signal?: AbortSignal;
}

/** What came back, whatever its status: no redirect is followed. */
export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** At most 64 KiB; what is more is not read. */
  body: Buffer;
}

/** One whose bodies are of any length. */
export interface OutboundExchange extends Omit<OutboundRequest, 'body' | 'timeoutMs'> {
  body?: Readable;
  /** For how long nothing may move. */
  idleMs: number;
}

/** Sends what users configure (webhooks) to where they may have it sent. */
export interface Outbound {
  /**
   * @throws OutboundRefused where it may not go
   * @throws OutboundFailed where nothing answers, or not in time
   */
  send(request: OutboundRequest): Promise<OutboundAnswer>;
  /**
   * The same with bodies that are streamed both ways; who reads the answer's to its end, or destroys it, ends it.
   * @throws OutboundRefused, OutboundFailed
   */
  exchange(request: OutboundExchange): Promise<Omit<OutboundAnswer, 'body'> & { body: Readable }>;
  /**
   * The addresses of an http or https URL that may be connected to: for a program that makes its connections itself, and
   * is told these. Default of the time for it: 15 s.
   * @throws OutboundRefused where there is none
   * @throws OutboundFailed where nobody knows the name
   */
  addresses(url: string, signal?: AbortSignal): Promise<string[]>;
}

/** The request goes to nobody: its address is not one of those that may be reached. */
export class OutboundRefused extends Error {
  override name = 'OutboundRefused';
}

/** The request went out, or tried to, and there is no answer. */
export class OutboundFailed extends Error {
  override name = 'OutboundFailed';
}

export interface OutboundOptions extends ReachRules {
  /** Default: DNS. */
  resolve?: Resolve;
  /** CA certificates (PEM) that are trusted in place of Node's. */
  ca?: string | string[];
}

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ANSWER_HEADER_BYTES = 16 * 1024;
/** How long one of several addresses may take before the next one is tried. */
const NEXT_ADDRESS_MS = 1000;

/** They frame the message, or say to whom it goes. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
]);

/** Makes the one way by which requests that users configure leave the server. */
export function makeOutbound(options: OutboundOptions): Outbound {
  const reach = makeReach(options);
  const { resolve = resolveName, ca } = options;
  return {
    async send(request) {
      const url = readUrl(request.url);
      const headers = checkHeaders(request.headers ?? {});
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = request;
      const signal = AbortSignal.any([
        AbortSignal.timeout(timeoutMs),
        ...(request.signal ? [request.signal] : []),
      ]);
      try {
        const addresses = await unless(signal, addressesOf(url, { resolve, reach }));
        return await exchange(url, { ...request, headers, addresses, ca, signal });
      } catch (error) {
        if (error instanceof OutboundRefused) throw error;
        throw new OutboundFailed(signal.aborted ? `no answer in ${timeoutMs} ms` : reasonOf(error));
      }
    },
    async exchange(request) {
      const url = readUrl(request.url);
      const headers = checkHeaders(request.headers ?? {});
      const { body, idleMs, signal: given } = request;
      const timeout = AbortSignal.timeout(DEFAULT_TIMEOUT_MS);
      try {
        const addresses = await unless(timeout, addressesOf(url, { resolve, reach }));
        const signal = given ?? new AbortController().signal;
        const answer = await streamed(url, {
          ...request,
          headers,
          addresses,
          ca,
          signal,
          body,
          idleMs,
        });
        return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
      } catch (error) {
        if (error instanceof OutboundRefused) throw error;
        throw new OutboundFailed(reasonOf(error));
      }
    },
    async addresses(text, given) {
      const url = readUrl(text);
      const timeout = AbortSignal.timeout(DEFAULT_TIMEOUT_MS);
      const signal = given ? AbortSignal.any([timeout, given]) : timeout;
      try {
        return await unless(signal, addressesOf(url, { resolve, reach }));
      } catch (error) {
        if (error instanceof OutboundRefused) throw error;
        throw new OutboundFailed(reasonOf(error));
      }
    },
  };
}

/** Names no address: of a name whose DNS a stranger asks about through us, it says nothing. */
const reasonOf = (error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new OutboundRefused('The address is not an http or https URL.');
  return url;
}

function checkHeaders(headers: Record<string, string>): Record<string, string> {
  const own = Object.keys(headers).find((name) => OWN_HEADERS.has(name.toLowerCase()));
  if (own) throw new OutboundRefused(`The header ${own} cannot be set.`);
  return headers;
}

const portOf = ({ port, protocol }: URL) => Number(port || (protocol === 'https:' ? 443 : 80));
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** The addresses that may be connected to: no other is looked up from here on. */
async function addressesOf(
  url: URL,
  { resolve, reach }: { resolve: Resolve; reach: ReturnType<typeof makeReach> },
): Promise<string[]> {
  const found = await resolve(hostOf(url));
  const open = found.filter((address) => reach(address, portOf(url)));
  if (open.length === 0)
    throw new OutboundRefused(
      `${url.host} is at no address that this server may call (--allow-internal-targets).`,
    );
  return open;
}

/** The head of an answer, whose body has not been read. */
function streamed(
  url: URL,
  asked: Omit<Exchange, 'body'> & { body: Readable | undefined; idleMs: number },
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? sendHttps : sendHttp;
  const request = send(optionsOf(url, asked), resolve);
  request.setTimeout(asked.idleMs, () => request.destroy(new Error('nothing moves')));
  request.on('error', reject);
  request.on('upgrade', (_, socket) => {
    socket.destroy();
    reject(new Error('the answer switches protocols'));
  });
  if (asked.body) pipeline(asked.body, request, () => undefined);
  else request.end();
  return promise;
}

interface Exchange extends OutboundRequest {
  headers: Record<string, string>;
  addresses: string[];
  ca: string | string[] | undefined;
  signal: AbortSignal;
}

function exchange(url: URL, asked: Exchange): Promise<OutboundAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OutboundAnswer>();
  const send = url.protocol === 'https:' ? sendHttps : sendHttp;
  const request = send(optionsOf(url, asked), (answer) => {
    readAnswer(answer).then(resolve, reject);
  });
  request.on('error', reject);
  // An answer that takes the connection over is none that anybody here could use.
  request.on('upgrade', (_, socket) => {
    socket.destroy();
    reject(new Error('the answer switches protocols'));
  });
  request.end(asked.body);
  return promise;
}

function optionsOf(url: URL, { method, headers, addresses, ca, signal }: Omit<Exchange, 'body'>) {
  const host = hostOf(url);
  const Connections = url.protocol === 'https:' ? TlsAgent : Agent;
  return {
    // What was checked is what is connected to: a name server that says another address now is not asked.
    host: isIP(host) === 0 ? host : addresses[0],
    lookup: answering(addresses),
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers, host: url.host, connection: 'close' },
    ...(isIP(host) === 0 && { servername: host }),
    ...(url.username && { auth: credentialsOf(url) }),
    ...(ca && { ca }),
    rejectUnauthorized: true,
    agent: new Connections({ keepAlive: false }),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
    signal,
  } satisfies RequestOptions & { [more: string]: unknown };
}

const credentialsOf = ({ username, password }: URL) =>
  `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;

function answering(addresses: string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all: wantsAll }, callback) => {
    const [first] = all;
    if (wantsAll) callback(null, all);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function readAnswer(answer: IncomingMessage): Promise<OutboundAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    parts.push(part);
    size += part.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  answer.destroy();
  const { statusCode = 0, headers } = answer;
  return { status: statusCode, headers, body: Buffer.concat(parts).subarray(0, MAX_ANSWER_BYTES) };
}
