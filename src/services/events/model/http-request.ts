import type { ConnectionHttpParameters, HttpParameters } from '@aws-sdk/client-eventbridge';
import { parseExact } from '../../../lib/exact-json.ts';
import { setOwn } from '../../../lib/own.ts';
import type { AuthParameters } from './connection.ts';

/** A request to somebody else's API. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

interface Destination {
  endpoint: string;
  method: string;
}

/**
 * The request to an API destination: what its connection says wins over what a target says.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 * @param input what the target gets of the event
 * @param token of an OAuth connection
 */
export function requestTo(
  { endpoint, method }: Destination,
  parameters: AuthParameters,
  { http = {}, input, token }: { http?: HttpParameters; input: string; token?: string | undefined },
): HttpRequest {
  const own = parameters.InvocationHttpParameters ?? {};
  const url = new URL(filled(endpoint, http.PathParameterValues ?? []));
  for (const [name, value] of Object.entries(http.QueryStringParameters ?? {}))
    url.searchParams.set(name, value);
  for (const { Key = '', Value = '' } of own.QueryStringParameters ?? [])
    url.searchParams.set(Key, Value);
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Amazon/EventBridge/ApiDestinations',
    range: 'bytes=0-1048575',
  };
  for (const [name, value] of Object.entries(http.HeaderParameters ?? {}))
    setOwn(headers, name.toLowerCase(), value);
  for (const { Key = '', Value = '' } of own.HeaderParameters ?? [])
    setOwn(headers, Key.toLowerCase(), Value);
  for (const [name, value] of authorization(parameters, token)) setOwn(headers, name, value);
  const bodiless = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return { method, url: url.href, headers, ...(!bodiless && { body: bodyOf(input, own) }) };
}

/** Is it the address of an API? AWS takes https alone. */
export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

function filled(endpoint: string, values: readonly string[]): string {
  let n = 0;
  return endpoint.replace(/\*/g, () => encodeURIComponent(values[n++] ?? ''));
}

function authorization(
  { BasicAuthParameters: basic, ApiKeyAuthParameters: key }: AuthParameters,
  token: string | undefined,
): [name: string, value: string][] {
  if (key) return [[(key.ApiKeyName ?? '').toLowerCase(), key.ApiKeyValue ?? '']];
  if (basic) {
    const pair = `${basic.Username}:${basic.Password}`;
    return [['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]];
  }
  return token === undefined ? [] : [['authorization', token]];
}

/** Parameters of the body go into it where it is an object. */
function bodyOf(input: string, { BodyParameters = [] }: ConnectionHttpParameters): string {
  if (BodyParameters.length === 0) return input;
  let body: unknown;
  try {
    body = parseExact(input);
  } catch {
    return input;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return input;
  for (const { Key = '', Value = '' } of BodyParameters)
    setOwn(body as Record<string, unknown>, Key, Value);
  return JSON.stringify(body);
}

/** The request for a token by which an OAuth connection's requests are authorized. */
export function tokenRequest({ OAuthParameters: oauth }: AuthParameters): HttpRequest {
  const { ClientParameters: client, OAuthHttpParameters: more = {} } = oauth ?? {};
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client?.ClientID ?? '',
    client_secret: client?.ClientSecret ?? '',
  });
  for (const { Key = '', Value = '' } of more.BodyParameters ?? []) form.set(Key, Value);
  const url = new URL(oauth?.AuthorizationEndpoint ?? '');
  for (const { Key = '', Value = '' } of more.QueryStringParameters ?? [])
    url.searchParams.set(Key, Value);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  for (const { Key = '', Value = '' } of more.HeaderParameters ?? [])
    setOwn(headers, Key.toLowerCase(), Value);
  const method = oauth?.HttpMethod ?? 'POST';
  if (method !== 'GET') return { method, url: url.href, headers, body: form.toString() };
  for (const [name, value] of form) url.searchParams.set(name, value);
  return { method, url: url.href, headers };
}
