import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Api, Protocol } from './api.ts';
import { authorizationOf, authorizeCall } from './authorize.ts';
import type { RequestFacts } from './context.ts';
import { AwsError } from './errors.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { type AnyOperations, notImplemented } from './operation.ts';
import type { Authorizer, Principal } from './principal.ts';
import type { TokenSealer } from './tokens.ts';
import { type Call, type Codec, describeError } from './wire/codec.ts';
import { jsonCodec } from './wire/json.ts';
import { queryCodec } from './wire/query.ts';
import { restXmlCodec } from './wire/rest-xml.ts';
import { makeRouter, type Target } from './wire/router.ts';

/** An API and what serves it. */
export interface Implementation {
  api: Api;
  operations: AnyOperations;
}

/** Who called, as authentication found it. */
export interface Caller {
  principal: Principal;
  region: string;
}

/** What one request came to: for the log and the metrics. */
export interface CallRecord {
  requestId: string;
  api: string;
  operation: string;
  status: number;
  errorCode?: string;
  principalArn?: string;
  milliseconds: number;
}

export interface DispatcherOptions {
  implementations: Implementation[];
  authorizer: Authorizer;
  tokens: TokenSealer;
  /**
   * Verifies the signature and returns the caller and the body with its transfer encoding undone; a
   * body whose hash was signed fails when it is read. @throws AwsError in the protocol's own words.
   */
  authenticate(request: WireRequest, api: Api): Promise<Caller & { body: Readable }>;
  /** AWS's validation error for this input, or undefined when the contract is met. */
  validate(api: Api, operation: string, input: Record<string, unknown>): Error | undefined;
  /** Joins the facts of a call and the server into the context that operations get. */
  context(facts: RequestFacts): RequestFacts;
  record(record: CallRecord): void;
  /** Told of failures that are bugs: anything answered with a 5xx but 501. */
  unexpected(error: unknown, record: { requestId: string; api?: string; operation?: string }): void;
}

/** Bodies of operations that do not stream; AWS's own limits are below. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

const CODECS: Record<Exclude<Protocol, 'rest-json'>, Codec> = {
  'json1.0': jsonCodec('1.0'),
  'json1.1': jsonCodec('1.1'),
  query: queryCodec,
  'rest-xml': restXmlCodec,
};

function codecOf(api: Api): Codec {
  if (api.protocol === 'rest-json') throw new Error('The REST-JSON protocol has no service yet');
  return CODECS[api.protocol];
}

export type Dispatcher = (request: WireRequest) => Promise<WireResponse>;

/** The one way of every AWS request: route, authenticate, decode, validate, authorize, run, encode. */
export function makeDispatcher(options: DispatcherOptions): Dispatcher {
  const implementations = mergePrefixes(options.implementations);
  const operationsOf = new Map(implementations.map((i) => [i.api, i.operations]));
  const router = makeRouter(implementations.map((i) => i.api));

  async function answer(request: WireRequest, progress: Progress): Promise<WireResponse> {
    const api = router.api(request);
    progress.api = api;
    if (!api) throw new AwsError('UnknownOperationException', 'No such operation.', 404);
    const { principal, region, body } = await identify(options, request, api);
    progress.principal = principal;
    const streams = api.protocol === 'rest-xml';
    let bytes = streams ? undefined : await readBody(body);
    const target: Target = router.target(request, api, bytes);
    progress.operation = target.operation;
    if (streams && !takesStream(target)) bytes = await readBody(body);
    const call: Call = { ...target, request: { ...request, body }, body: bytes };
    const implementation = operationsOf.get(api)?.[camelCase(target.operation)];
    if (implementation === undefined || implementation === notImplemented) {
      throw new AwsError('NotImplemented', `Slipway does not implement ${api.name}:${target.operation} yet.`, 501);
    }
    const codec = codecOf(api);
    const input = codec.decode(call);
    const invalid = options.validate(api, target.operation, input);
    if (invalid) throw invalid;
    const ctx = options.context(factsOf(options, call, principal, region, progress.requestId));
    await authorizeCall(implementation.authorize, ctx, input);
    const output = (await implementation(ctx, input)) ?? {};
    return codec.encode(call, output, progress.requestId);
  }

  return async (request) => {
    const started = performance.now();
    const progress: Progress = { requestId: randomUUID() };
    let response: WireResponse;
    let errorCode: string | undefined;
    try {
      response = await answer(request, progress);
    } catch (error) {
      const document = describeError(progress.api, error);
      errorCode = document.code;
      if (document.status >= 500 && document.status !== 501) {
        options.unexpected(error, { ...progress, api: progress.api?.name });
      }
      const codec = progress.api ? codecOf(progress.api) : CODECS['json1.1'];
      response = codec.encodeError(progress.api, document, progress.requestId);
      request.body.resume();
    }
    if (request.method === 'HEAD') response.body = undefined;
    options.record({
      requestId: progress.requestId,
      api: progress.api?.name ?? 'unknown',
      operation: progress.operation ?? 'unknown',
      status: response.status,
      errorCode,
      principalArn: progress.principal?.arn,
      milliseconds: performance.now() - started,
    });
    return response;
  };
}

/** How far a request has come: what its error and its record can say. */
interface Progress {
  requestId: string;
  api?: Api;
  operation?: string;
  principal?: Principal;
}

async function identify(options: DispatcherOptions, request: WireRequest, api: Api): Promise<Caller & { body: Readable }> {
  if (request.internal) return { ...request.internal, body: request.body };
  return options.authenticate(request, api);
}

function factsOf(
  options: DispatcherOptions,
  call: Call,
  principal: Principal,
  region: string,
  requestId: string,
): RequestFacts {
  const scope = `${principal.accountId}/${region}/${call.api.name}/${call.operation}`;
  const facts: RequestFacts = {
    requestId,
    accountId: principal.accountId,
    region,
    principal,
    endpoint: call.request.endpoint,
    partition: 'aws',
    sourceIp: call.request.remoteAddress,
    userAgent: call.request.headers['user-agent'] ?? '',
    authorize: (action, resource, conditions = {}) =>
      authorizationOf(options.authorizer, facts, call.api)(action, resource, conditions),
    sealToken: (state) => options.tokens.seal(scope, state),
    openToken: (token) => options.tokens.open(scope, token),
  };
  return facts;
}

/** Does the operation take its body as a stream (PutObject, UploadPart)? */
function takesStream({ api, operation }: Target): boolean {
  const input = NormalizedSchema.of(api.operations[operation]?.[4] as never);
  if (!input.isStructSchema()) return false;
  return Object.values(input.getMemberSchemas()).some((m) => m.getMergedTraits().httpPayload && m.isStreaming());
}

/** The whole body. */
async function readBody(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new AwsError('RequestEntityTooLargeException', 'The request body is too large.', 413);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

function camelCase(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

/** A service may serve one target prefix from two tables (public operations and internal ones): they become one. */
function mergePrefixes(implementations: Implementation[]): Implementation[] {
  const merged: Implementation[] = [];
  for (const { api, operations } of implementations) {
    const known = api.targetPrefix && merged.find((m) => m.api.targetPrefix === api.targetPrefix);
    if (!known) {
      merged.push({ api: { ...api, operations: { ...api.operations }, errors: { ...api.errors } }, operations: { ...operations } });
      continue;
    }
    Object.assign(known.api.operations, api.operations);
    Object.assign(known.api.errors, api.errors);
    Object.assign(known.operations, operations);
  }
  return merged;
}
