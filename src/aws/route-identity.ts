import type { AuthenticateOptions } from './auth/authenticate.ts';
import { authenticate } from './auth/authenticate.ts';
import { openStream } from './auth/body.ts';
import type { WireRequest } from './http.ts';
import { HttpError } from './http-error.ts';
import type { Principal } from './principal.ts';

/** Who calls. */
export interface Caller {
  principal: Principal;
  /** The access key that was shown, where it was one. */
  accessKeyId?: string | undefined;
  /** What the credentials are for; undefined where they know no region. */
  region?: string;
}

/** A request on its way to a route. */
export interface RouteCall {
  request: WireRequest;
  /** What stands in the place of the path's labels, as it was sent. */
  labels: Record<string, string>;
}

/** Finds the caller by what he showed. @throws HttpError for an answer other than 401 when it is wrong */
type Find<P, Shown> = (platform: P, shown: Shown, call: RouteCall) => Promise<Caller | undefined>;

/** How a route is told who calls. On a relaxed server nothing needs to be shown: `find` gets empty texts. */
export type Identity<P> =
  | { by: 'none' }
  /** The signature of an AWS request, for a service by its signing name. */
  | { by: 'sigv4'; signingName: string }
  /** HTTP Basic. `realm`: what the client tells its user when it asks for name and password. `ssh`: or whom SSH has let in. */
  | {
      by: 'basic';
      realm: string;
      ssh?: true;
      find: Find<P, { userName: string; password: string }>;
    }
  | { by: 'bearer'; find: Find<P, { token: string }> }
  | {
      by: 'cookie';
      name: (request: WireRequest) => string;
      find: Find<P, { token: string }>;
      /** The answer to who is found by none. Default: 401. */
      refused?: (platform: P, call: RouteCall) => HttpError;
    };

/** What identification needs of the server. */
export type IdentifyOptions = Omit<AuthenticateOptions, 'signingNames' | 'signing'>;

/**
 * Finds out who calls. Where a signature covers the body, the call that comes back has it verified while it is read.
 * @throws HttpError 401 without credentials or with wrong ones; AuthFailure for wrong signatures
 */
export async function identify<P>(
  identity: Exclude<Identity<P>, { by: 'none' }>,
  platform: P,
  call: RouteCall,
  options: IdentifyOptions,
): Promise<RouteCall & { caller: Caller }> {
  const { ssh } = call.request;
  if (ssh) {
    if (identity.by !== 'basic' || !identity.ssh) throw new HttpError(403, 'Not by SSH.');
    return { ...call, caller: { principal: ssh.principal } };
  }
  if (identity.by === 'sigv4') {
    const signingNames = [identity.signingName];
    const known = await authenticate(call.request, { ...options, signingNames });
    const { principal, accessKeyId, region } = known;
    const request = { ...call.request, body: openStream(known.body) };
    return { ...call, request, caller: { principal, accessKeyId, region } };
  }
  const caller = await found(identity, platform, call, options.mode);
  if (caller) return { ...call, caller };
  const refused = identity.by === 'cookie' && identity.refused?.(platform, call);
  throw refused || unauthorized(identity);
}

/** Asks for credentials: only then does git ask its helper, and a browser its user. */
export function unauthorized(identity: Identity<never>): HttpError {
  const challenge =
    identity.by === 'basic'
      ? `Basic realm="${identity.realm}"`
      : identity.by === 'bearer'
        ? 'Bearer'
        : undefined;
  return new HttpError(401, 'Unauthorized', challenge ? { 'www-authenticate': challenge } : {});
}

async function found<P>(
  identity: Exclude<Identity<P>, { by: 'none' | 'sigv4' }>,
  platform: P,
  call: RouteCall,
  mode: 'strict' | 'relaxed',
): Promise<Caller | undefined> {
  const { authorization, cookie } = call.request.headers;
  if (identity.by === 'basic') {
    const shown = basicCredentials(authorization);
    if (!shown && mode === 'strict') return undefined;
    return identity.find(platform, shown ?? { userName: '', password: '' }, call);
  }
  const token =
    identity.by === 'bearer'
      ? bearerToken(authorization)
      : cookieValue(cookie, identity.name(call.request));
  if (token === undefined && mode === 'strict') return undefined;
  return identity.find(platform, { token: token ?? '' }, call);
}

/** User and password of HTTP Basic, or undefined where there are none. */
function basicCredentials(
  authorization: string | undefined,
): { userName: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { userName: text.slice(0, colon), password: text.slice(colon + 1) };
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/=]+)$/i.exec(authorization ?? '')?.[1];
}

/** Of several cookies of one name the first counts: it is the one of the narrowest path. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
