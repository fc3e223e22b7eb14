import { Readable } from 'node:stream';
import { type AuthenticateOptions, readingOf } from './auth/authenticate.ts';
import { collect } from './auth/collect.ts';
import type { WireRequest } from './http.ts';
import type { QueryCall } from './protocols/query.ts';
import { scopeOf } from './router.ts';

/** A form that a Query call without a signature is in (AssumeRoleWithWebIdentity) is small: tokens, and names. */
const FORM_BYTES = 256 * 1024;

/**
 * The Query call in a request that names no service: such a call is told by its Action and Version, where AWS has a
 * host for each service. The body is read for it if it is a form; the request that comes back has it to be read again.
 */
export async function unsignedQueryCall(
  request: WireRequest,
  options: Pick<AuthenticateOptions, 'budget'>,
): Promise<{ request: WireRequest; call?: QueryCall }> {
  const { method, path, headers, query } = request;
  if (path !== '/' || headers['x-amz-target'] !== undefined || scopeOf(request)) return { request };
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (method !== 'POST' || !form) return { request, ...readCall(query) };
  const reading = readingOf(request, options);
  const { bytes } = await collect(request.body, { ...reading, limit: FORM_BYTES });
  const read = { ...request, body: Readable.from(bytes.length > 0 ? [bytes] : []) };
  return { request: read, ...readCall(bytes.length > 0 ? bytes.toString('utf8') : query) };
}

function readCall(form: string): { call?: QueryCall } {
  if (!form.includes('Action=')) return {};
  const fields = new URLSearchParams(form);
  const action = fields.get('Action');
  return action ? { call: { action, version: fields.get('Version') ?? undefined } } : {};
}
