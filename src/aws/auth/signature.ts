import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { ownValue } from '../../lib/own.ts';
import type { WireRequest } from '../http.ts';
import { amzDate, parseAmzDate } from './amz-date.ts';
import { canonicalHeaderValue, canonicalPaths, canonicalQuery } from './canonical.ts';
import { AuthFailure } from './failure.ts';
import { ALGORITHM, hmacHex, type Scope, scopeText, sha256Hex } from './signing-key.ts';

/** What a request says of its own signature. */
export interface ClaimedSignature {
  form: 'header' | 'query';
  accessKeyId: string;
  scope: Scope;
  /** Lower case, in the order of the signature. */
  signedHeaders: string[];
  /** Lower-case hex. */
  signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** Session token, for temporary credentials. */
  token: string | undefined;
  /** Seconds that a presigned URL is good for. */
  expires?: number;
}

const LONGEST_EXPIRY_S = 604_800;
const DEFAULT_EXPIRY_S = 900;

/**
 * What the request claims, or undefined when it carries no signature. @throws AuthFailure when it is malformed
 * @param ofObject by S3's rules: a presigned URL says until when it is good
 */
export function readSignature(
  request: WireRequest,
  ofObject: boolean,
): ClaimedSignature | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return readHeader(request, authorization);
  if (/(?:^|&)X-Amz-(?:Algorithm|Signature|Credential)=/.test(request.query))
    return readQuery(request, ofObject);
  return undefined;
}

function readHeader(request: WireRequest, authorization: string): ClaimedSignature {
  if (!authorization.startsWith(`${ALGORITHM} `)) throw new AuthFailure('unsupported');
  const parts = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parts.get(name));
  const date = headerDate(request.headers);
  const reasons = missing.map((name) => `Authorization header requires '${name}' parameter.`);
  if (date === undefined)
    reasons.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  if (reasons.length > 0 || date === undefined)
    throw new AuthFailure('incomplete', { Reason: reasons.join(' ') });
  const { accessKeyId, scope } = readCredential(
    parts.get('Credential') as string,
    date,
    'incomplete',
  );
  return {
    form: 'header',
    accessKeyId,
    scope,
    signedHeaders: (parts.get('SignedHeaders') as string).toLowerCase().split(';'),
    signature: parts.get('Signature') as string,
    date,
    token: request.headers['x-amz-security-token'],
  };
}

function headerDate(headers: Record<string, string>): string | undefined {
  const amz = headers['x-amz-date'];
  if (amz !== undefined) return parseAmzDate(amz) === undefined ? undefined : amz;
  const { date } = headers;
  if (date === undefined) return undefined;
  if (parseAmzDate(date) !== undefined) return date;
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : amzDate(new Date(time));
}

/** Reads `keyid/date/region/service/aws4_request`. @throws AuthFailure of that `kind` */
export function readCredential(
  credential: string,
  date: string,
  kind: 'incomplete' | 'query-malformed',
): { accessKeyId: string; scope: Scope } {
  const parts = credential.split('/');
  const [accessKeyId, day, region, service, end] = parts;
  if (parts.length !== 5 || !accessKeyId || !day || !region || !service || end !== 'aws4_request')
    throw new AuthFailure(kind, {
      Reason: `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    });
  if (day !== date.slice(0, 8))
    throw new AuthFailure(kind, {
      Reason: `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'.`,
    });
  if (!/^[a-z0-9-]{1,63}$/.test(region) || !/^[a-z0-9.-]{1,63}$/.test(service))
    throw new AuthFailure(kind, {
      Reason: `Credential scope '${region}/${service}' is not valid.`,
    });
  return { accessKeyId, scope: { date: day, region, service } };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    throw new AuthFailure('query-malformed', { Reason: 'A parameter is not well-formed.' });
  }
}

function queryParameters(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (!/^x-amz-/i.test(name)) continue;
    if (found.has(name))
      throw new AuthFailure('query-malformed', { Reason: `${name} is given twice.` });
    found.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)));
  }
  return found;
}

function readQuery(request: WireRequest, ofObject: boolean): ClaimedSignature {
  const parameters = queryParameters(request.query);
  const need = (name: string): string => {
    const value = parameters.get(name);
    if (value) return value;
    throw new AuthFailure('query-malformed', {
      Reason:
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    });
  };
  if (need('X-Amz-Algorithm') !== ALGORITHM) throw new AuthFailure('unsupported');
  const date = need('X-Amz-Date');
  if (parseAmzDate(date) === undefined)
    throw new AuthFailure('query-malformed', {
      Reason: "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    });
  const { accessKeyId, scope } = readCredential(need('X-Amz-Credential'), date, 'query-malformed');
  if (ofObject) need('X-Amz-Expires');
  return {
    form: 'query',
    accessKeyId,
    scope,
    signedHeaders: need('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: need('X-Amz-Signature'),
    date,
    token: parameters.get('X-Amz-Security-Token') ?? request.headers['x-amz-security-token'],
    expires: readExpires(parameters.get('X-Amz-Expires')),
  };
}

function readExpires(text: string | undefined): number {
  if (text === undefined) return DEFAULT_EXPIRY_S;
  const refuse = (Reason: string) => new AuthFailure('query-malformed', { Reason });
  if (!/^-?\d+$/.test(text)) throw refuse('X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds < 1) throw refuse('X-Amz-Expires must be non-negative');
  if (seconds > LONGEST_EXPIRY_S)
    throw refuse(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  return seconds;
}

/** The hosts that a client may have signed: as it sent it; without the port; with the port it connected to. */
function hostCandidates(request: WireRequest): string[] {
  const sent = request.headers.host ?? '';
  const bare = sent.replace(/:\d+$/, '');
  const port = /:\d+$/.exec(request.endpoint)?.[0] ?? '';
  return [...new Set([sent, bare, bare + port])];
}

function canonicalRequest(
  request: WireRequest,
  claimed: ClaimedSignature,
  payloadHash: string,
  path: string,
  host: string,
): string {
  const query = canonicalQuery(
    request.query,
    claimed.form === 'query' ? 'x-amz-signature' : undefined,
  );
  let headers = '';
  for (const name of claimed.signedHeaders) {
    const value =
      name === 'host' ? host : canonicalHeaderValue(ownValue(request.headers, name) ?? '');
    headers += `${name}:${value}\n`;
  }
  return `${request.method}\n${path}\n${query}\n${headers}\n${claimed.signedHeaders.join(';')}\n${payloadHash}`;
}

export function sameText(a: string, b: string): boolean {
  return (
    a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
  );
}

/**
 * True when `claimed` is the signature of the request under `key`.
 * @param payloadHash the last line of the canonical request
 * @param ofObject by S3's rules: the path is signed as it was sent
 */
export function isSigned(
  request: WireRequest,
  claimed: ClaimedSignature,
  key: KeyObject,
  payloadHash: string,
  ofObject: boolean,
): boolean {
  if (!/^[0-9a-f]{64}$/.test(claimed.signature)) return false;
  const prefix = `${ALGORITHM}\n${claimed.date}\n${scopeText(claimed.scope)}\n`;
  for (const host of hostCandidates(request)) {
    for (const path of canonicalPaths(request.path, ofObject)) {
      const canonical = canonicalRequest(request, claimed, payloadHash, path, host);
      if (sameText(hmacHex(key, prefix + sha256Hex(canonical)), claimed.signature)) return true;
    }
  }
  return false;
}

/** Headers that say how to read the signature itself, or that clients add after they have signed. */
const NEED_NOT_BE_SIGNED = new Set(['x-amz-content-sha256', 'x-amz-user-agent', 'x-amz-signature']);

/** Headers that change what the request means but that the signature does not cover. */
export function unsignedHeaders(request: WireRequest, claimed: ClaimedSignature): string[] {
  const signed = new Set(claimed.signedHeaders);
  const missing = signed.has('host') ? [] : ['host'];
  for (const name in request.headers) {
    if (!name.startsWith('x-amz-') || signed.has(name) || NEED_NOT_BE_SIGNED.has(name)) continue;
    missing.push(name);
  }
  return missing;
}
