import { ownValue } from '../lib/own.ts';
import type { WireRequest } from './http.ts';

/** Services whose calls of REST-JSON have no signature, by path (botocore's models; unserved.test.ts compares). */
const BY_PATH: Record<string, string> = {
  '/client/register': 'sso-oidc',
  '/device_authorization': 'sso-oidc',
  '/token': 'sso-oidc',
  '/v1/token': 'signin',
};
/** What calls of the portal of IAM Identity Center are known by. */
const PORTAL_TOKEN = 'x-amz-sso_bearer_token';
const LONGEST_PATH = 100;

/**
 * The service of a REST-JSON call without a signature: by its path where that is known, else the call itself. No such
 * service is here, and S3, to which other requests without a signature go, has none like it: JSON is posted to none of
 * its objects, and it knows no bearer.
 * @param request has no credential scope
 */
export function unsignedRestService(
  request: Pick<WireRequest, 'method' | 'path' | 'query' | 'headers'>,
): string | undefined {
  const { method, path, query, headers } = request;
  if (headers[PORTAL_TOKEN] !== undefined) return 'sso';
  const bearer = /^Bearer /i.test(headers.authorization ?? '');
  const posted =
    method === 'POST' &&
    query === '' &&
    path !== '/' &&
    headers.authorization === undefined &&
    /^application\/json\b/i.test(headers['content-type'] ?? '');
  if (!bearer && !posted) return undefined;
  return ownValue(BY_PATH, path) ?? `of ${method} ${path.slice(0, LONGEST_PATH)}`;
}
