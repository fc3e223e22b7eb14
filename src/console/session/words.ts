import type { WireResponse } from '../../aws/http.ts';
import { HttpError } from '../../aws/http-error.ts';

/** An answer for the page alone: nobody keeps it. */
export function json(
  status: number,
  body: object | undefined,
  headers: Record<string, string> = {},
): WireResponse {
  const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  if (body === undefined) return { status, headers: { ...always, ...headers }, body: undefined };
  return {
    status,
    headers: { 'content-type': 'application/json', ...always, ...headers },
    body: JSON.stringify(body),
  };
}

/** A refusal as the page reads it: a code and a sentence. */
export function refusal(
  status: number,
  code: string,
  message: string,
  { headers, ...more }: { headers?: Record<string, string>; [member: string]: unknown } = {},
): HttpError {
  return new HttpError(status, message, {}, json(status, { code, message, ...more }, headers));
}

/** AWS's sentence. It is the same whatever was wrong. */
export const signInFailure = () =>
  refusal(401, 'SignInFailure', 'Your authentication information is incorrect. Please try again.');

export const invalid = (message: string) => refusal(400, 'ValidationException', message);

export const foreignPage = (message = 'A page of another site asks.') =>
  refusal(403, 'AccessDenied', message);

export const notSignedIn = (message = 'Nobody is signed in.') =>
  refusal(401, 'NotSignedIn', message);

export const passwordFirst = () =>
  refusal(403, 'PasswordResetRequired', 'Choose a password of your own first.');
