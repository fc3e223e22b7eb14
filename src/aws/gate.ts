import { isIP } from 'node:net';
import type { ApiFace } from './api.ts';
import { isServedEndpoint, type ServedEndpoints } from './aws-hosts.ts';
import { AwsError } from './errors.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { scopeOf } from './router.ts';
import { refusedUnserved } from './unserved.ts';

export interface GateOptions {
  mode: 'strict' | 'relaxed';
  /** Names of this machine, and those that its administrator has given the server. */
  hosts: readonly string[];
  /** Those that are served: some take forms and links of other sites. */
  apis: readonly ApiFace[];
  /** The server's own. */
  region: string;
}

/**
 * The first thing that a request from outside meets: no web page but the server's own drives it. A browser puts its
 * user's cross-site requests on the wire before it asks whether it may, and on a relaxed server they need no
 * signature; a name that an attacker lets point to 127.0.0.1 makes his page the server's own to the browser.
 * @returns the refusal, or undefined for what may go on
 */
export function refuseForeignPages(
  request: WireRequest,
  options: GateOptions,
): WireResponse | undefined {
  if (options.mode === 'relaxed' && !isHostServed(request.headers.host, options)) {
    const name = hostName(request.headers.host);
    return refusal(
      request,
      options,
      `The host name ${name} is none of this server's. It is served when the server is started with --allowed-host ${name}.`,
    );
  }
  const { origin } = request.headers;
  if (!isCrossSite(request) || isHarmless(request, options)) return undefined;
  const sentence = `Web pages of other sites (${origin ?? 'not named'}) are not served.`;
  return refusal(request, options, sentence);
}

/**
 * Does a page of another origin send this? Browsers say so in Origin for all that may change something, and in
 * Sec-Fetch-Site for everything else that goes to https or to this machine. No other client sends either.
 */
export function isCrossSite({ headers }: Pick<WireRequest, 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  // Whatever the scheme: it may be a proxy that speaks TLS. An origin without a host (`null`) is never the server's own.
  const own = /^https?:\/\/(.+)$/.exec(origin)?.[1]?.toLowerCase();
  return own === undefined || own !== host?.toLowerCase();
}

/**
 * What a page of another site may all the same do, as on AWS: lead its user to one of Slipway's own pages and, where
 * signatures are verified, lead him to a presigned object, show that object or have him send a form with a signed policy.
 * What such requests may do they carry with them, and it is no more than whoever signed them gave away; on a relaxed
 * server nobody has.
 */
function isHarmless(request: WireRequest, { mode, apis }: GateOptions): boolean {
  const { method, path, query, headers } = request;
  if (apis.some(({ forms }) => forms?.matches(request))) return mode === 'strict';
  if ((method !== 'GET' && method !== 'HEAD') || headers.origin !== undefined) return false;
  const navigates = headers['sec-fetch-mode'] === 'navigate';
  if (navigates && (path.startsWith('/_slipway/') || (path === '/' && query === ''))) return true;
  return mode === 'strict' && path !== '/' && isPresigned(request, apis);
}

function isPresigned(request: WireRequest, apis: readonly ApiFace[]): boolean {
  if (request.headers.authorization !== undefined) return false;
  const scope = scopeOf(request);
  if (scope) return apis.some(({ name, signing }) => signing && name === scope.service);
  // A Query API would take the call whatever the path is.
  const query = new URLSearchParams(request.query);
  return query.has('AWSAccessKeyId') && !query.has('Action');
}

/** Is it an address, or a name that no stranger can make point here? */
export function isHostServed(
  host: string | undefined,
  { hosts, ...served }: Pick<GateOptions, 'hosts'> & ServedEndpoints,
): boolean {
  const name = hostName(host);
  // Only HTTP/1.0 has none, and no browser speaks that.
  if (name === '' || isServerAddress(name)) return true;
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (isServedEndpoint(name, served)) return true;
  return hosts.some((one) => one.toLowerCase() === name);
}

/** Browsers take `0.0.0.0` and mapped addresses for this machine without holding them for it, and then say less. */
function isServerAddress(name: string): boolean {
  const address = name.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 4) return !address.startsWith('0.');
  return isIP(address) === 6 && !/^[:0]*$/.test(address) && !/^[:0]*:ffff:/.test(address);
}

/** In lower case, without port and final dot. */
function hostName(host = ''): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

function refusal(request: WireRequest, { apis }: GateOptions, message: string): WireResponse {
  request.body.resume();
  return refusedUnserved(request, apis, new AwsError('AccessDenied', message, 403)).answer;
}
