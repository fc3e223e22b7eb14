import { createHmac, randomBytes } from 'node:crypto';
import { sameText } from '../../aws/auth/signature.ts';
import { sha256Hex } from '../../aws/auth/signing-key.ts';
import type { WireRequest } from '../../aws/http.ts';
import { cookieValue } from '../../aws/route-identity.ts';

/** Where the cookie goes: nowhere but to the console's own paths. */
const COOKIE_PATH = '/_slipway/console';
const SECRET = /^[A-Za-z0-9_-]{43}$/;
export const CSRF_HEADER = 'x-slipway-csrf';

/** What a browser keeps: 256 bits that nobody guesses. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What the database keeps of it. */
export const sessionId = (secret: string): string => sha256Hex(`slipway console session ${secret}`);

/** What a page of the console says besides, which no other page can read: the cookie is sent whoever asks. */
export const csrfToken = (secret: string): string =>
  createHmac('sha256', secret).update('slipway console csrf').digest('base64url');

/** Browsers keep cookies by host name whatever the port: each of several servers on one machine has a name of its own. */
export function cookieName({ headers: { host = '' } }: Pick<WireRequest, 'headers'>): string {
  const port = /:(\d{1,5})$/.exec(host)?.[1];
  return port === undefined ? 'slipway-console' : `slipway-console-${port}`;
}

/**
 * The secret that the request's cookie shows, or undefined where there is none that could be one. Another host of the same domain,
 * or another port, can plant a cookie of this name beside it, to sign the browser in as somebody else: of two that differ none counts.
 */
export function shownSecret(request: Pick<WireRequest, 'headers'>): string | undefined {
  const [value, ...others] = shownValues(request.headers.cookie ?? '', cookieName(request));
  return value !== undefined && others.length === 0 && SECRET.test(value) ? value : undefined;
}

function shownValues(header: string, name: string): Set<string> {
  const values = header.split(';').flatMap((pair) => cookieValue(pair, name) ?? []);
  return new Set(values);
}

/** Has the request been made by a page of the session's own? */
export function showsCsrf({ headers }: Pick<WireRequest, 'headers'>, secret: string): boolean {
  return sameText(headers[CSRF_HEADER] ?? '', csrfToken(secret));
}

/** @param seconds that it lasts; 0 takes it away */
export function setCookie(
  request: Pick<WireRequest, 'headers' | 'endpoint'>,
  secret: string,
  seconds: number,
): string {
  // Behind a proxy that speaks TLS the server itself does not: the page's origin tells.
  const secure = [request.endpoint, request.headers.origin].some((url) =>
    url?.startsWith('https:'),
  );
  return [
    `${cookieName(request)}=${secret}`,
    ...['HttpOnly', 'SameSite=Strict', `Path=${COOKIE_PATH}`, `Max-Age=${seconds}`],
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}
