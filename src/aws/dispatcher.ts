import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import type { Clock } from '../lib/clock.ts';
import { ownValue } from '../lib/own.ts';
import type { Api, ApiFace } from './api.ts';
import { type AuthenticateOptions, authenticate } from './auth/authenticate.ts';
import { openStream } from './auth/body.ts';
import type { BodyBudget } from './auth/body-budget.ts';
import { AuthFailure } from './auth/failure.ts';
import { authorizationOf, authorizeCall } from './authorize.ts';
import { uncompressed } from './compressed.ts';
import type { RequestFacts } from './context.ts';
import { AwsError, unsupported } from './errors.ts';
import type { InternalCaller, WireRequest, WireResponse } from './http.ts';
import type { AnyOperations } from './operation.ts';
import type { Authorizer, CredentialStore } from './principal.ts';
import { describeError } from './protocols/describe-error.ts';
import { type Call, operationSchema, type Protocol } from './protocols/protocol.ts';
import { invalidAction, type QueryCall } from './protocols/query.ts';
import type { CallFacts, Recorder } from './record.ts';
import { makeRouter } from './router.ts';
import type { TokenSealer } from './tokens.ts';
import { errorProtocol } from './unserved.ts';
import { unsignedQueryCall } from './unsigned.ts';

/** An API and what serves it. */
export interface Implementation {
  api: Api;
  operations: AnyOperations;
}

/** An API that is loaded by its first request. */
export interface Served {
  face: ApiFace;
  load(): Promise<Implementation>;
}

/** For an API that is there already. */
export function served(implementation: Implementation): Served {
  return { face: implementation.api, load: async () => implementation };
}

export interface DispatcherOptions {
  served: readonly Served[];
  authorizer: Authorizer;
  tokens: TokenSealer;
  credentials: CredentialStore;
  mode: 'strict' | 'relaxed';
  /** Whose root a relaxed caller is who does not say, and the region of one who does not say. */
  defaults: { accountId: string; region: string };
  clock: Clock;
  /** The server's room for bodies that nobody has vouched for yet: one for APIs and routes. */
  budget: BodyBudget;
  /** AWS's validation error for this input, or undefined when the contract is met. */
  validate(
    api: Api,
    operation: string,
    input: Record<string, unknown>,
    protocol: Protocol,
  ): Error | undefined;
  /** Set by tests alone. @throws Error when the output is not as its model says */
  checkOutput?(call: Call, output: Record<string, unknown>): void;
  /** Joins the facts of a call and the server into the context that operations get. */
  context(facts: RequestFacts, operation: string): RequestFacts;
  record: Recorder;
  /** Told of failures that are bugs: anything answered with a 5xx but 501. */
  unexpected(error: unknown, record: { requestId: string; api?: string; operation?: string }): void;
}

/** Bodies of operations that do not stream, where their API says nothing else; AWS's own limits are below. */
const BODY_LIMIT = 8 * 1024 * 1024;

export type Dispatcher = (request: WireRequest) => Promise<WireResponse>;

/** The one way of every AWS request: route, authenticate, decode, validate, authorize, run, encode. */
export function makeDispatcher(options: DispatcherOptions): Dispatcher {
  const apis = options.served.map(({ face }) => face);
  const loaders = new Map(options.served.map(({ face, load }) => [face, load]));
  const loaded = new Map<ApiFace, Implementation>();
  const router = makeRouter(apis);
  const { budget } = options;

  async function load(face: ApiFace): Promise<Implementation> {
    const implementation = await loaders.get(face)?.();
    if (!implementation) throw new Error(`Nobody serves ${face.name}`);
    loaded.set(face, implementation);
    return implementation;
  }

  async function answer(received: WireRequest, progress: Progress): Promise<WireResponse> {
    const { request, call: unsigned } = await unsignedQueryCall(received, { budget });
    const found = router.find(request, unsigned);
    if (!found) throw unsigned ? unknownAction(unsigned) : unknownApi(router.unserved(request));
    const { protocol } = found;
    progress.protocol = protocol;
    progress.facts.api = found.api.name;
    let { api, operations } = loaded.get(found.api) ?? (await load(found.api));
    progress.api = api;
    if (unsigned && api.isUnsigned?.(unsigned.action)) throw notBuilt(api, unsigned.action);
    const bodyLimit = api.bodyLimit ?? BODY_LIMIT;
    const how = authenticating(options, api, { budget, bodyLimit });
    const form = api.forms?.matches(request) ? await api.forms.open(request, how) : undefined;
    const identified = form?.identified ?? (await authenticate(request, how));
    const { principal, accessKeyId, region, body } = identified;
    Object.assign(progress.facts, { principal, accessKeyId, region });
    const early =
      form ?? (protocol.streams ? protocol.operation(api, request, undefined) : undefined);
    const kind = early && bodyOf(api, early.operation);
    if (early && kind === 'events') throw unsupportedEvents(api, early.operation);
    const streaming = kind === 'stream';
    const sent = streaming ? undefined : await body.bytes(bodyLimit);
    // What comes as a stream, such as an object, stays as it is.
    const bytes = sent && (await uncompressed(request, sent, bodyLimit));
    const told = found.told?.(bytes);
    if (told) {
      ({ api, operations } = loaded.get(told) ?? (await load(told)));
      progress.api = api;
    }
    const { operation, labels } = early ?? protocol.operation(api, request, bytes);
    progress.facts.operation = operation;
    if (streaming) progress.body = openStream(body);
    const call: Call = {
      ...{ api, protocol, operation, labels },
      request: { ...(form?.request ?? request), body: progress.body ?? request.body },
      body: bytes,
      unexpected: (error) => options.unexpected(error, named(progress)),
    };
    const implementation = ownValue(operations, camelCase(operation));
    if (!implementation) throw notBuilt(api, operation);
    const input = protocol.decode(call);
    progress.input = input;
    const invalid = options.validate(api, operation, input, protocol);
    if (invalid) throw invalid;
    const facts = factsOf(options, call, { ...progress.facts, principal, accessKeyId, region });
    const ctx = options.context(facts, operation);
    const resource = await authorizeCall(call, implementation.authorize, ctx, input);
    const output = (await implementation(ctx, input, resource)) ?? {};
    progress.output = output;
    options.checkOutput?.(call, output);
    const response = protocol.encode(call, output, progress.facts.requestId);
    return form ? form.answer(response) : response;
  }

  return async (request) => {
    const started = performance.now();
    const progress = begun(request);
    const { facts } = progress;
    let response: WireResponse;
    let failure: { errorCode: string; errorMessage: string } | undefined;
    try {
      response = await answer(request, progress);
    } catch (error) {
      const protocol = progress.protocol ?? errorProtocol(request, apis);
      const document = describeError(progress.api, error, protocol);
      failure = { errorCode: document.code, errorMessage: document.message };
      const meant = error instanceof AuthFailure || isGone(request, error);
      if (document.status >= 500 && document.status !== 501 && !meant) {
        options.unexpected(error, named(progress));
      }
      response = protocol.encodeError(progress.api, document, facts.requestId);
      // Where REST-JSON clients look for the code, whatever the body is.
      if (!progress.api) response.headers['x-amzn-errortype'] = document.code;
      // What is left of the body is read and dropped, so that the client gets to the answer.
      if (progress.body && progress.body !== request.body) progress.body.destroy();
      request.body.resume();
    }
    if (request.method === 'HEAD') response.body = undefined;
    const { api, input, output } = progress;
    const { operation } = facts;
    const said = api && operation && ownValue(api.operations, operation);
    options.record(
      facts,
      { status: response.status, ...failure },
      started,
      said ? { api, operation, input, output } : undefined,
    );
    return response;
  };
}

/** Did the operation stop because nobody waits for it any more? */
function isGone({ signal }: WireRequest, error: unknown): boolean {
  return signal?.aborted === true && error === signal.reason;
}

/** @param unserved the service that the request is for, if it is one that is not here */
function unknownApi(unserved: string | undefined): AwsError {
  if (unserved === undefined)
    return new AwsError('UnknownOperationException', 'No such operation.', 404);
  return unsupported(`the service ${unserved}`);
}

/** A call of an API by its version, where no API here has it; one without a version may be nobody's. */
function unknownAction(call: QueryCall): AwsError {
  const { action, version } = call;
  return version === undefined
    ? invalidAction(call)
    : unsupported(`${action} of the API of version ${version}`);
}

function notBuilt(api: Api, operation: string): AwsError {
  return unsupported(`${api.name}:${operation}`);
}

/** How far a request has come: what its error and its record can say. */
interface Progress {
  facts: CallFacts;
  api?: Api;
  protocol?: Protocol;
  /** The verified body of an operation that takes it as a stream. */
  body?: Readable;
  input?: Record<string, unknown>;
  output?: Record<string, unknown>;
}

function begun({ headers, remoteAddress, internal }: WireRequest): Progress {
  return {
    facts: {
      requestId: randomUUID(),
      sourceIp: remoteAddress,
      userAgent: headers['user-agent'] ?? '',
      invokedBy: internal?.invokedBy,
      touched: [],
    },
  };
}

/** What the log says of a call that failed. */
function named({ facts: { requestId, api, operation } }: Progress) {
  return { requestId, api, operation };
}

function authenticating(
  { credentials, mode, defaults, clock }: DispatcherOptions,
  api: Api,
  bodies: Pick<AuthenticateOptions, 'budget' | 'bodyLimit'>,
): AuthenticateOptions {
  const signingNames = [api.name, ...(api.signingAliases ?? [])];
  const { signing } = api;
  return { credentials, mode, defaults, signingNames, signing, now: clock.now(), ...bodies };
}

function factsOf(
  options: DispatcherOptions,
  call: Call,
  {
    principal,
    region,
    ...known
  }: CallFacts & Pick<RequestFacts, 'principal' | 'region' | 'accessKeyId'>,
): RequestFacts {
  const scope = `${principal.accountId}/${region}/${call.api.name}/${call.operation}`;
  const { requestId, sourceIp, userAgent, accessKeyId, touched } = known;
  const facts: RequestFacts = {
    ...{ requestId, api: call.api.name, accountId: principal.accountId, region },
    ...{ principal, accessKeyId, touched },
    endpoint: call.request.endpoint,
    partition: 'aws',
    ...{ sourceIp, userAgent },
    via: call.request.internal?.via ?? [],
    invokedFor: invokedFor(call.request.internal),
    signal: call.request.signal ?? NEVER,
    invocationId: call.request.headers['amz-sdk-invocation-id'],
    authorize: (...question) => authorizationOf(options.authorizer, facts, call)(...question),
    sealToken: (state) => options.tokens.seal(scope, state),
    openToken: (token) => options.tokens.open(scope, token),
  };
  return facts;
}

function invokedFor(internal: InternalCaller | undefined): RequestFacts['invokedFor'] {
  const { invokedBy: service, sourceArn } = internal ?? {};
  return service !== undefined && sourceArn !== undefined ? { service, sourceArn } : undefined;
}

/** Of a caller who waits for any answer. */
const NEVER = new AbortController().signal;

function unsupportedEvents(api: Api, operation: string): AwsError {
  return unsupported(`the stream of events that ${api.name}:${operation} takes`);
}

const kinds = new Map<StaticOperationSchema, 'whole' | 'stream' | 'events'>();

/** How an operation takes its body: PutObject as a stream, StartStreamTranscription as events, which end when its answer does. */
function bodyOf(api: Api, operation: string): 'whole' | 'stream' | 'events' {
  const schema = operationSchema(api, operation);
  let kind = kinds.get(schema);
  if (kind === undefined) {
    const input = NormalizedSchema.of(schema[4] as never);
    const members = input.isStructSchema() ? Object.values(input.getMemberSchemas()) : [];
    const streaming = members.find((member) => member.isStreaming());
    kind = streaming?.isStructSchema() ? 'events' : isPayload(streaming) ? 'stream' : 'whole';
    kinds.set(schema, kind);
  }
  return kind;
}

function isPayload(member: NormalizedSchema | undefined): boolean {
  return member?.getMergedTraits().httpPayload !== undefined;
}

function camelCase(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

/** A service may serve one target prefix from two tables (public operations and internal ones): they become one. */
export function mergePrefixes(implementations: readonly Implementation[]): Implementation[] {
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
