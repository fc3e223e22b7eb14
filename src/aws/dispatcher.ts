import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import type { Clock } from '../lib/clock.ts';
import type { Api, Protocol } from './api.ts';
import { type Authenticated, authenticate } from './auth/authenticate.ts';
import { authorizationOf, authorizeCall } from './authorize.ts';
import type { RequestFacts } from './context.ts';
import { AwsError } from './errors.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { type AnyOperations, notImplemented } from './operation.ts';
import type { Authorizer, CredentialStore, Principal } from './principal.ts';
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

/** What one request came to: for the log and the metrics. */
export interface CallRecord {
  requestId: string;
  api: string;
  operation: string;
  status: number;
  errorCode?: string;
  principal?: Principal;
  region?: string;
  milliseconds: number;
}

export interface DispatcherOptions {
  implementations: Implementation[];
  authorizer: Authorizer;
  tokens: TokenSealer;
  credentials: CredentialStore;
  mode: 'strict' | 'relaxed';
  /** Whose root a relaxed caller is who does not say, and the region of one who does not say. */
  defaults: { accountId: string; region: string };
  clock: Clock;
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
    if (!api) throw unknownApi(router.unserved(request));
    const { principal, accessKeyId, region, body } = await identify(options, request, api);
    progress.principal = principal;
    progress.region = region;
    // Only REST operations are known without the body, and only they can take it as a stream.
    const early = api.protocol.startsWith('rest')
      ? router.target(request, api, undefined)
      : undefined;
    const streaming = early !== undefined && takesStream(early);
    const bytes = streaming ? undefined : await body.bytes(MAX_BODY_BYTES);
    const target = early ?? router.target(request, api, bytes);
    progress.operation = target.operation;
    if (streaming) progress.body = openStream(body);
    const call: Call = {
      ...target,
      request: { ...request, body: progress.body ?? request.body },
      body: bytes,
    };
    const implementation = operationsOf.get(api)?.[camelCase(target.operation)];
    if (implementation === undefined || implementation === notImplemented) {
      throw new AwsError(
        'NotImplemented',
        `Slipway does not implement ${api.name}:${target.operation} yet.`,
        501,
      );
    }
    const codec = codecOf(api);
    const input = codec.decode(call);
    const invalid = options.validate(api, target.operation, input);
    if (invalid) throw invalid;
    const facts = factsOf(options, call, principal, region, progress.requestId);
    const ctx = options.context(Object.assign(facts, { accessKeyId }));
    await authorizeCall(call, implementation.authorize, ctx, input);
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
      const codec = progress.api ? codecOf(progress.api) : likelyCodec(request);
      response = codec.encodeError(progress.api, document, progress.requestId);
      // Where REST-JSON clients look for the code, whatever the body is.
      if (!progress.api) response.headers['x-amzn-errortype'] = document.code;
      // What is left of the body is read and dropped, so that the client gets to the answer.
      if (progress.body && progress.body !== request.body) progress.body.destroy();
      request.body.resume();
    }
    if (request.method === 'HEAD') response.body = undefined;
    options.record({
      requestId: progress.requestId,
      api: progress.api?.name ?? 'unknown',
      operation: progress.operation ?? 'unknown',
      status: response.status,
      errorCode,
      principal: progress.principal,
      region: progress.region,
      milliseconds: performance.now() - started,
    });
    return response;
  };
}

/** @param unserved the service that the request is for, if it is one that is not here */
function unknownApi(unserved: string | undefined): AwsError {
  if (unserved === undefined)
    return new AwsError('UnknownOperationException', 'No such operation.', 404);
  return new AwsError('NotImplemented', `Slipway does not serve ${unserved} yet.`, 501);
}

/** For errors of APIs that are not here: JSON to who sends JSON, else what Query and REST clients read. */
function likelyCodec({ headers }: WireRequest): Codec {
  const json = headers['x-amz-target'] !== undefined || headers['content-type']?.includes('json');
  return json ? CODECS['json1.1'] : queryCodec;
}

/** How far a request has come: what its error and its record can say. */
interface Progress {
  requestId: string;
  api?: Api;
  operation?: string;
  principal?: Principal;
  region?: string;
  /** The verified body of an operation that takes it as a stream. */
  body?: Readable;
}

/** The body as a stream. It may turn out wrong before the operation listens: that must not end the process. */
function openStream(body: Authenticated['body']): Readable {
  const stream = body.stream();
  stream.on('error', () => {});
  return stream;
}

function identify(
  options: DispatcherOptions,
  request: WireRequest,
  api: Api,
): Promise<Authenticated> {
  const { credentials, mode, defaults, clock } = options;
  const signingNames = [api.name, ...(api.signingAliases ?? [])];
  return authenticate(request, { credentials, mode, defaults, signingNames, now: clock.now() });
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
    invocationId: call.request.headers['amz-sdk-invocation-id'],
    authorize: (action, resource, conditions = {}, named) =>
      authorizationOf(options.authorizer, facts, call.api)(action, resource, conditions, named),
    sealToken: (state) => options.tokens.seal(scope, state),
    openToken: (token) => options.tokens.open(scope, token),
  };
  return facts;
}

const streamed = new Map<StaticOperationSchema | undefined, boolean>();

/** Does the operation take its body as a stream (PutObject, UploadPart)? */
function takesStream({ api, operation }: Target): boolean {
  const schema = api.operations[operation];
  let takes = streamed.get(schema);
  if (takes === undefined) {
    const input = NormalizedSchema.of(schema?.[4] as never);
    const members = input.isStructSchema() ? Object.values(input.getMemberSchemas()) : [];
    takes = members.some((m) => m.getMergedTraits().httpPayload !== undefined && m.isStreaming());
    streamed.set(schema, takes);
  }
  return takes;
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
      merged.push({
        api: { ...api, operations: { ...api.operations }, errors: { ...api.errors } },
        operations: { ...operations },
      });
      continue;
    }
    Object.assign(known.api.operations, api.operations);
    Object.assign(known.api.errors, api.errors);
    Object.assign(known.operations, operations);
  }
  return merged;
}
