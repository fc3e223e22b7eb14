import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { statusOf } from '../lib/refusal.ts';
import { AuthFailure } from './auth/failure.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { InternalCaller } from './http.ts';

/** Whom the requests of a client come from. Resolved at each request: a session can end, a trust be withdrawn. */
export type Identity = () => Promise<InternalCaller>;

/**
 * What a client else looks for in the environment and in files of the user who runs the server: they are not about calls
 * inside, and looking costs more than a call.
 */
const SETTLED = {
  ...{ defaultsMode: 'standard', retryMode: 'standard', maxAttempts: 1 },
  ...{ useDualstackEndpoint: false, useFipsEndpoint: false, useArnRegion: false },
  ...{ disableS3ExpressSessionAuth: true, disableClockSkewCorrection: true },
  ...{ authSchemePreference: [], sigv4aSigningRegionSet: [], userAgentAppId: '' },
};

/** The SDK goes over each input and output once more for a logger that takes information, even if it only drops it. */
const QUIET = { trace() {}, debug() {}, warn() {}, error() {} };

/**
 * The configuration that makes an SDK client talk to the dispatcher without a socket: requests are
 * serialized and parsed as ever, and go through everything from authentication on, but need no
 * signature, because the identity comes from inside the process.
 * @param options.service its signing name; `endpoint`: what URLs in answers are built on, such as CodeCommit's clone URLs
 */
export function inProcessConfig(
  dispatch: Dispatcher,
  identity: Identity,
  { service, region, endpoint }: { service: string; region: string; endpoint: string },
): object {
  // In place of a signature, only what the router reads of one: which service the request is for.
  const authorization = `Credential=in-process/00000000/${region}/${service}/aws4_request`;
  return {
    ...SETTLED,
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: 'in-process', secretAccessKey: 'in-process' },
    signer: { sign: async (request: HttpRequest) => request },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: QUIET,
    requestHandler: {
      async handle(request: HttpRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
        try {
          return await send(request, abortSignal);
        } catch (error) {
          onTheWay.add(Object(error));
          throw error;
        }
      },
      httpHandlerConfigs: () => ({}),
      updateHttpClientConfig: () => {},
      destroy: () => {},
    },
  };

  async function send(request: HttpRequest, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const internal = await identity();
    const sent = sending(request.body);
    const response = await dispatch({
      method: request.method,
      path: request.path,
      query: queryText(request.query),
      headers: { ...lowerCase(request.headers), authorization },
      body: sent.body,
      endpoint,
      remoteAddress: '127.0.0.1',
      signal,
      internal,
    });
    sent.throwIfBroken();
    const body = readable(response.body);
    return {
      response: new HttpResponse({ statusCode: response.status, headers: response.headers, body }),
    };
  }
}

/** Errors of requests that a client had made: ours, or of whom they went to. */
const onTheWay = new WeakSet<object>();

/** What all clients of the SDK have. */
interface HasMiddleware {
  middlewareStack: {
    add(
      middleware: (next: (args: object) => Promise<unknown>) => typeof next,
      options: { step: 'initialize'; priority: 'high'; name: string },
    ): void;
  };
}

/** Has each call of a client go through `around`. What is put on first is outside of what is put on later. */
export function aroundCalls<T extends object>(
  client: T,
  name: string,
  around: (call: () => Promise<unknown>) => Promise<unknown>,
): T {
  const { middlewareStack } = client as T & HasMiddleware;
  const middleware = (next: (args: object) => Promise<unknown>) => (args: object) =>
    around(() => next(args));
  middlewareStack.add(middleware, { step: 'initialize', priority: 'high', name });
  return client;
}

/**
 * Has the client say that it is the caller's fault (400) where it can make no request of the input, such as of a bucket's
 * name with a slash or of a number for bytes: its errors do not tell, and else pass for a fault that another try may mend.
 */
export function blameInput<T extends object>(client: T): T {
  return aroundCalls(client, 'slipwayBlameInput', (call) =>
    call().catch((error: Error & { $metadata?: { httpStatusCode?: number } }) => {
      if (!onTheWay.has(Object(error)) && statusOf(error) === undefined)
        error.$metadata = { ...error.$metadata, httpStatusCode: 400 };
      throw error;
    }),
  );
}

function queryText(query: HttpRequest['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, item ?? '');
  }
  return params.toString();
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/**
 * What is sent. A stream that breaks is for whoever reads it the body of a client that went away; who sends it gets the
 * stream's own error: it may be an archive's that is damaged, or of an engine that is away.
 */
function sending(body: unknown): { body: Readable; throwIfBroken(): void } {
  if (!(body instanceof Readable)) return { body: readable(body), throwIfBroken() {} };
  let broken: { error: unknown } | undefined;
  const pieces = async function* () {
    try {
      yield* body;
    } catch (error) {
      broken = { error };
      throw new AuthFailure('incomplete-body');
    }
  };
  return {
    body: Readable.from(pieces(), { objectMode: false }),
    throwIfBroken() {
      if (broken) throw broken.error;
    },
  };
}

/** One chunk for what is in memory, so that empty and small bodies cost no more than a stream object. */
function readable(body: unknown): Readable {
  if (body instanceof Readable) return body;
  if (body === undefined || body === null || body === '') return Readable.from([]);
  if (typeof body === 'string') return Readable.from([Buffer.from(body)]);
  if (body instanceof Uint8Array) return Readable.from([body]);
  return Readable.from(body as AsyncIterable<Uint8Array>);
}
