import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import { outageOf } from '../lib/outage.ts';
import type { BodyBudget } from './auth/body-budget.ts';
import { AuthFailure, authError } from './auth/failure.ts';
import { asksAbout, denialText, globalConditions, touch } from './authorize.ts';
import { AwsError } from './errors.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { HttpError, plainError } from './http-error.ts';
import type { AuthorizationQuery, Authorizer, Conditions, CredentialStore } from './principal.ts';
import { type CallFacts, isReadOnly, type Recorder } from './record.ts';
import { type Caller, type Identity, identify, type RouteCall } from './route-identity.ts';
import { makeRouteFinder, type Place } from './route-patterns.ts';

/** What a call of a route touches, and so what IAM is asked about. */
export interface Subject<S>
  extends Partial<Pick<AuthorizationQuery, 'conditions' | 'owner' | 'resourcePolicy'>> {
  /** ARNs. */
  resource: string | string[];
  /** What the call is, where only its body tells: in place of the route's operation. */
  operation?: string;
  /** CloudFormation's name of the resource's type, for the record. */
  type?: string;
  /** What the record shows as the call's parameters, and beside them. */
  said?: {
    parameters?: Record<string, unknown>;
    additional?: Record<string, unknown>;
    answer?: Record<string, unknown>;
    /** Whether the call changes nothing, where its name does not tell. */
    readOnly?: boolean;
  };
  /** Of the resource; default: the caller's. */
  region?: string;
  /** What a refusal calls the resource: whether there is one is not for who may not ask. Default: its ARN. */
  named?: string;
  /**
   * The answer to who may not, where his client's protocol has words for it.
   * @param why in AWS's words
   * @param ask the question again, with other conditions of the subject's own
   */
  refused?(why: string, ask: Ask): Promise<WireResponse | undefined>;
  /** What was found on the way, for the handler. */
  subject: S;
}

/** @returns why not in AWS's words, or undefined where it may be */
export type Ask = (conditions: Conditions) => Promise<string | undefined>;

/** A call that has been let through. */
export interface AdmittedCall<S> extends RouteCall {
  /** Undefined where the route asks nobody who he is. */
  caller?: Caller;
  subject: S;
  /** For a route that finds out itself who calls, as a sign-in does: what the call's record says of it. */
  tell(told: Told): void;
}

/** What a record says of a call, beside its operation and its end. */
export interface Told {
  caller?: Caller;
  said?: Subject<unknown>['said'];
}

/**
 * A path that is no AWS API: git over HTTP, the server's own pages. Its calls pass the stations of an operation: who
 * calls, may he, do, record. With `upgrade` it takes over the connection (WebSockets) and writes the handshake itself.
 */
export interface Route<P, S = unknown> extends Place {
  /** Whose it is in the record, and the service of its IAM actions: `codecommit`. */
  api: string;
  /**
   * What a call is, in the record and as an IAM action (`GitPull` makes `codecommit:GitPull`).
   * @throws HttpError for what is no request of this route; before anybody is asked who he is
   */
  operation: string | ((call: RouteCall) => string);
  /** A further condition on requests; two routes of one place are an overlap all the same. */
  when?(request: WireRequest): boolean;
  identity: Identity<P>;
  /** It is for everybody, pages of other sites included, and its own pages are no part of the server: a bucket's website. */
  isPublic?: boolean;
  /**
   * What IAM is asked about; needed for every route that asks who calls. `self`: the route asks itself, or hands the call
   * to whom it is for. @throws HttpError
   */
  subject?: 'self' | ((platform: P, call: RouteCall & { caller: Caller }) => Promise<Subject<S>>);
  /** What is let through leaves no record here, since the dispatcher leaves its own, or since it is none to keep. */
  recordsRefusalsOnly?: boolean;
  handle(platform: P, call: AdmittedCall<S>): Promise<WireResponse>;
  upgrade?(platform: P, call: AdmittedCall<S>, socket: Duplex, head: Buffer): Promise<void>;
}

export interface RoutesOptions<P> {
  // biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
  routes: Route<P, any>[];
  /** Asked at each call: the server may not be whole when the table is made, and not all of it is there for every call. */
  platform(operation: string): P;
  authorizer: Authorizer;
  credentials: CredentialStore;
  mode: 'strict' | 'relaxed';
  defaults: { accountId: string; region: string };
  clock: Clock;
  /** The server's room for bodies that nobody has vouched for yet: one for routes and APIs. */
  budget: BodyBudget;
  record: Recorder;
  /** Told of failures that are bugs. */
  unexpected(error: unknown, record: { requestId: string; api: string; operation?: string }): void;
}

export interface Routes {
  /** The answer of the route that the request is for, or undefined where it is for none. */
  serve(request: WireRequest): Promise<WireResponse> | undefined;
  /** Is the request for a route that is public? */
  isPublic(request: WireRequest): boolean;
  /** Does a route take over connections of such requests? */
  upgrades(request: WireRequest): boolean;
  /** Hands the connection to its route, or writes its refusal and closes it. */
  upgrade(request: WireRequest, socket: Duplex, head: Buffer): Promise<void>;
}

/** @throws Error for two routes that could both take a request, neither of them an exception of the other */
export function makeRoutes<P>(options: RoutesOptions<P>): Routes {
  for (const route of options.routes) {
    if (route.identity.by !== 'none' && !route.subject)
      throw new Error(`${route.path} asks who calls, and nobody whether he may`);
  }
  const find = makeRouteFinder(options.routes);
  const identifying = () => {
    const { credentials, mode, defaults, clock, budget } = options;
    return { credentials, mode, defaults, now: clock.now(), budget };
  };

  /** Runs `act` for a call that may be, and leaves its record. @returns undefined when `act` took the connection */
  async function pass<A>(
    route: Route<P>,
    call: RouteCall,
    act: (platform: P, call: AdmittedCall<unknown>) => Promise<A>,
  ): Promise<A | WireResponse> {
    const started = performance.now();
    const progress = begun(route.api, call);
    const { facts } = progress;
    let answer: A | WireResponse;
    let failure: { status: number; errorCode: string; errorMessage: string } | undefined;
    try {
      const { operation } = route;
      facts.operation = typeof operation === 'string' ? operation : operation(call);
      const platform = options.platform(facts.operation);
      const admitted = await admit(options, route, call, progress, identifying());
      answer = await act(platform, admitted);
    } catch (error) {
      const told = refusalOf(error, facts.requestId);
      const ours = told.status >= 500 && !(error instanceof AuthFailure);
      if (ours) options.unexpected(error, named(facts));
      if (!told.answer) call.request.body.resume();
      answer = told.answer ?? plainError(told);
      const { status, message: errorMessage } = told;
      failure = { status, errorCode: codeOf(told), errorMessage };
    }
    if (route.recordsRefusalsOnly && !failure) return answer;
    const status = (answer as Partial<WireResponse> | undefined)?.status ?? SWITCHING_PROTOCOLS;
    const readOnly = isReadOnly(facts.operation ?? '');
    options.record(facts, { status, ...failure }, started, { readOnly, ...progress.said });
    return answer;
  }

  return {
    serve(request) {
      const found = find(request);
      if (!found) return undefined;
      const { route, labels } = found;
      const answer = pass(route, { request, labels }, (platform, call) =>
        route.handle(platform, call),
      );
      if (request.method !== 'HEAD') return answer;
      return answer.then((response) => ({ ...response, body: undefined }));
    },
    isPublic: (request) => find(request)?.route.isPublic === true,
    upgrades: (request) => find(request)?.route.upgrade !== undefined,
    async upgrade(request, socket, head) {
      const { route, labels } = find(request) ?? {};
      if (!route || !labels) return void socket.destroy();
      const refused = await pass(route, { request, labels }, async (platform, call) => {
        try {
          await route.upgrade?.(platform, call, socket, head);
        } catch (error) {
          // It may have written already: nothing of ours can follow.
          if (!(error instanceof HttpError)) socket.destroy();
          throw error;
        }
      });
      if (refused && !socket.destroyed) refuseUpgrade(socket, refused);
    },
  };
}

const SWITCHING_PROTOCOLS = 101;

/** How far a call has come. */
interface Progress {
  facts: CallFacts & { api: string };
  said?: Subject<unknown>['said'] | undefined;
}

function begun(api: string, { request }: RouteCall): Progress {
  const { remoteAddress: sourceIp, headers } = request;
  const userAgent = headers['user-agent'] ?? '';
  return { facts: { requestId: randomUUID(), api, sourceIp, userAgent, touched: [] } };
}

function named({ requestId, api, operation }: Progress['facts']) {
  return { requestId, api, ...(operation !== undefined && { operation }) };
}

/** What a record calls a refusal: a route has no code of its own for it. */
function codeOf({ status }: HttpError): string {
  return status === 403 ? 'AccessDenied' : String(status);
}

/** Who calls, and whether he may. @throws HttpError, AuthFailure */
async function admit<P>(
  options: RoutesOptions<P>,
  route: Route<P>,
  call: RouteCall,
  progress: Progress,
  how: Parameters<typeof identify>[3],
): Promise<AdmittedCall<unknown>> {
  const { identity } = route;
  const { facts } = progress;
  const tell = ({ caller, said }: Told) => {
    if (caller) Object.assign(facts, { region: options.defaults.region, ...caller });
    if (said) progress.said = said;
  };
  if (identity.by === 'none') return { ...call, subject: undefined, tell };
  const platform = options.platform(facts.operation ?? '');
  const known = await identify(identity, platform, call, how);
  const { caller, request } = known;
  const { principal, accessKeyId } = caller;
  const usualRegion = caller.region ?? options.defaults.region;
  Object.assign(facts, { principal, accessKeyId, region: usualRegion });
  if (route.subject === 'self') return { ...known, subject: undefined, tell };
  const asked = await route.subject?.(platform, known);
  if (!asked) throw new HttpError(403, DENIED);
  const { resource, region = usualRegion, subject, conditions, type, said, ...more } = asked;
  const { named: shown, refused, operation, ...about } = more;
  if (operation !== undefined) facts.operation = operation;
  facts.region = region;
  progress.said = said;
  for (const arn of asksAbout(resource)) touch(facts.touched, { arn, type });
  const action = `${route.api}:${facts.operation}`;
  const { sourceIp, userAgent } = facts;
  const global = {
    principal,
    accessKeyId,
    region,
    via: [],
    endpoint: request.endpoint,
    sourceIp,
    userAgent,
  };
  const ask: Ask = async (own) => {
    const decision = await options.authorizer.decide({
      ...{ principal, action, resources: asksAbout(resource), ...about },
      conditions: { ...globalConditions(global), ...own },
    });
    if (decision.allowed) return undefined;
    return denialText(principal, action, { ...decision, resource: shown ?? decision.resource });
  };
  const why = await ask(conditions ?? {});
  if (why !== undefined) throw new HttpError(403, why, {}, await refused?.(why, ask));
  return { ...known, subject, tell };
}

const DENIED = 'You are not authorized to do this.';

/** What is told of a failure: what was meant to be told, or that it is ours. */
function refusalOf(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof AuthFailure) return refusalOf(authError(error, 'rest-json'), requestId);
  if (error instanceof AwsError) return new HttpError(error.status, error.message);
  const outage = outageOf(error);
  return outage
    ? new HttpError(503, `The server cannot work now: ${outage.reason}.`)
    : new HttpError(500, `Internal error ${requestId}`);
}

/** An answer on a connection that no HTTP server looks after any more. */
function refuseUpgrade(socket: Duplex, { status, headers, body = '' }: WireResponse): void {
  const text = String(body);
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-length': String(Buffer.byteLength(text)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} \r\n${lines.join('')}\r\n${text}`);
}
