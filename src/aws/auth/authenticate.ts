import type { WireRequest } from '../http.ts';
import type { AccessKey, CredentialStore, Principal } from '../principal.ts';
import { amzDate, parseAmzDate } from './amz-date.ts';
import { type AuthenticatedBody, VerifiedBody, verifiedBytes } from './body.ts';
import type { BodyBudget } from './body-budget.ts';
import { Checksums } from './checksums.ts';
import { ChunkedDecoder, type ChunkSigning } from './chunked.ts';
import { type Collecting, collect } from './collect.ts';
import { AuthFailure } from './failure.ts';
import type { ObjectSigning } from './object-signing.ts';
import { relaxedPrincipal } from './relaxed.ts';
import {
  type ClaimedSignature,
  isSigned,
  readSignature,
  sameText,
  unsignedHeaders,
} from './signature.ts';
import { isSignedV2, readSignatureV2 } from './signature-v2.ts';
import { EMPTY_SHA256, scopeText, signingKey } from './signing-key.ts';

export interface AuthenticateOptions {
  credentials: CredentialStore;
  now: Date;
  /** `relaxed`: any signature or none; a 12-digit access key id selects the account whose root the caller is. */
  mode: 'strict' | 'relaxed';
  /** Names that the credential scope may carry for the API that the router found; undefined: any. */
  signingNames?: readonly string[];
  /** Where the API's signatures follow S3's rules. */
  signing?: ObjectSigning;
  /** Whose root a relaxed caller is who does not say, and the region of one who does not say. */
  defaults: { accountId: string; region: string };
  /** Bytes of a body that has to be read before the signature can be checked; default 8 MiB. */
  bodyLimit?: number;
  /** The server's room for bodies that nobody has vouched for yet. */
  budget?: BodyBudget;
}

export interface Authenticated {
  principal: Principal;
  /** Empty for unsigned relaxed calls, and where a service calls that has no key. */
  accessKeyId: string;
  region: string;
  /** Service name in the credential scope; empty when there is none. */
  service: string;
  form: 'header' | 'query' | 'internal' | 'none';
  /** Decoded (no aws-chunked framing) and verified while it is read. It must be read before the call has an effect. */
  body: AuthenticatedBody;
}

const SKEW_MS = 15 * 60_000;
const DEFAULT_BODY_LIMIT = 8 * 1024 * 1024;
const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/**
 * Finds out who sent a request, by AWS Signature Version 4 in an Authorization header or a presigned URL.
 *
 *     const auth = await authenticate(request, { credentials, now, mode, signingNames: ['codebuild'], defaults });
 *     const input = decode(await auth.body.bytes(LIMIT));   // or auth.body.stream() for S3
 *
 * A request with `internal` set is its principal's at once; its body is decoded all the same.
 * Use `peekScope` before, when the router wants the service or region of the credential scope.
 *
 * @throws AuthFailure, here and while the body is read: `authError(failure, protocol.dialect)` makes AWS's answer of it
 */
export async function authenticate(
  request: WireRequest,
  options: AuthenticateOptions,
): Promise<Authenticated> {
  if (request.internal) {
    const { principal, region, accessKeyId = '', service } = request.internal;
    const { signingNames } = options;
    if (service !== undefined && signingNames && !signingNames.includes(service))
      throw new AuthFailure('wrong-scope', { Service: service, Expected: signingNames[0] ?? '' });
    const body = openBody(request, options, {});
    return { principal, accessKeyId, region, service: '', form: 'internal', body };
  }
  if (options.mode === 'relaxed') return relaxed(request, options);
  const claimed = readSignature(request, options.signing !== undefined);
  if (!claimed) return authenticateV2(request, options);
  const key = await findKey(request, claimed, options);
  checkTime(claimed, options);
  const body = await checkSignature(request, claimed, key, options);
  const { accessKeyId, scope, form } = claimed;
  return {
    principal: key.principal,
    accessKeyId,
    region: scope.region,
    service: scope.service,
    form,
    body,
  };
}

/** Presigned S3 URLs of Signature Version 2, which name no region. @throws AuthFailure */
async function authenticateV2(
  request: WireRequest,
  options: AuthenticateOptions,
): Promise<Authenticated> {
  const { credentials, now, signing, signingNames = [], defaults } = options;
  const claimed = readSignatureV2(request);
  if (!claimed || !signing) throw new AuthFailure('missing');
  const { accessKeyId, token, expires } = claimed;
  const key = await checkedKey(credentials, now, accessKeyId, token);
  const end = new Date(Number(expires) * 1000);
  if (now > end)
    throw new AuthFailure('presigned-expired', {
      Expires: end.toISOString(),
      ServerTime: now.toISOString(),
    });
  if (!isSignedV2(request, claimed, key.secretAccessKey, signing.resourceOf(request)))
    throw new AuthFailure('wrong-signature');
  const body = openBody(request, options, {});
  const { principal } = key;
  const [service = ''] = signingNames;
  return { principal, accessKeyId, region: defaults.region, service, form: 'query', body };
}

/** Service and region that the request is signed for, unverified; undefined when it says nothing readable. */
export function peekScope(request: WireRequest): { service: string; region: string } | undefined {
  const source = request.headers.authorization ?? decodeURIComponentOrEmpty(request.query);
  const match = /Credential=[^/,&=\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9.-]+)\/aws4_request/.exec(
    source,
  );
  return match ? { region: match[1] as string, service: match[2] as string } : undefined;
}

function decodeURIComponentOrEmpty(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

async function relaxed(request: WireRequest, options: AuthenticateOptions): Promise<Authenticated> {
  const { defaults } = options;
  const source = request.headers.authorization ?? decodeURIComponentOrEmpty(request.query);
  const accessKeyId = /(?:Credential|AWSAccessKeyId)=([^/,&\s]+)/.exec(source)?.[1] ?? '';
  const scope = peekScope(request);
  const body = openBody(request, options, {});
  const facts = {
    accessKeyId,
    region: scope?.region ?? defaults.region,
    service: scope?.service ?? '',
    body,
  };
  const form = accessKeyId === '' ? 'none' : request.headers.authorization ? 'header' : 'query';
  const token = request.headers['x-amz-security-token'] ?? queryToken(request);
  const claim = { accessKeyId, token, accountId: defaults.accountId, now: options.now };
  const principal = await relaxedPrincipal(options.credentials, claim);
  return { principal, ...facts, form };
}

/** The session token of a presigned URL, of either version of signatures. */
function queryToken({ query }: WireRequest): string | undefined {
  const parameters = new URLSearchParams(query);
  const token = parameters.get('X-Amz-Security-Token') ?? parameters.get('x-amz-security-token');
  return token ?? undefined;
}

async function findKey(
  request: WireRequest,
  claimed: ClaimedSignature,
  { credentials, now, signingNames }: AuthenticateOptions,
): Promise<AccessKey> {
  const { accessKeyId, scope, token } = claimed;
  if (signingNames && !signingNames.includes(scope.service))
    throw new AuthFailure('wrong-scope', {
      Service: scope.service,
      Expected: signingNames[0] ?? '',
    });
  const key = await checkedKey(credentials, now, accessKeyId, token);
  const missing = unsignedHeaders(request, claimed);
  if (missing.length > 0)
    throw new AuthFailure('unsigned-header', { HeadersNotSigned: missing.join(', ') });
  return key;
}

/** The key, if it may be used with this token at this time. @throws AuthFailure */
export async function checkedKey(
  credentials: CredentialStore,
  now: Date,
  accessKeyId: string,
  token: string | undefined,
): Promise<AccessKey> {
  const details = { AWSAccessKeyId: accessKeyId };
  const key = await credentials.findAccessKey(accessKeyId, token);
  if (!key) throw new AuthFailure(token === undefined ? 'unknown-key' : 'wrong-token', details);
  if (key.status !== 'Active') throw new AuthFailure('inactive-key', details);
  if (!sameText(key.sessionToken ?? '', token ?? '')) throw new AuthFailure('wrong-token');
  if (key.expires && key.expires <= now) throw new AuthFailure('expired-token');
  return key;
}

function checkTime(
  claimed: ClaimedSignature,
  { now, signing }: Pick<AuthenticateOptions, 'now' | 'signing'>,
): void {
  const signed = parseAmzDate(claimed.date) ?? 0;
  const time = now.getTime();
  const fail = (kind: 'expired' | 'not-yet-current', limit: number) =>
    new AuthFailure(kind, {
      RequestTime: claimed.date,
      ServerTime: amzDate(now),
      MaxAllowedSkewMilliseconds: String(SKEW_MS),
      Limit: amzDate(new Date(limit)),
    });
  if (signed > time + SKEW_MS) throw fail('not-yet-current', time + SKEW_MS);
  if (claimed.expires === undefined) {
    if (signed < time - SKEW_MS) throw fail('expired', time - SKEW_MS);
    return;
  }
  const end = signed + claimed.expires * 1000;
  if (time > end)
    throw new AuthFailure('presigned-expired', {
      Expires: signing ? new Date(end).toISOString() : amzDate(new Date(end)),
      ServerTime: signing ? now.toISOString() : amzDate(now),
      'X-Amz-Expires': String(claimed.expires),
    });
}

async function checkSignature(
  request: WireRequest,
  claimed: ClaimedSignature,
  { accessKeyId, secretAccessKey }: AccessKey,
  options: AuthenticateOptions,
): Promise<AuthenticatedBody> {
  const key = signingKey(accessKeyId, secretAccessKey, claimed.scope);
  const verify = (payloadHash: string) => {
    const signed = isSigned(request, claimed, key, payloadHash, options.signing !== undefined);
    if (!signed) throw new AuthFailure('wrong-signature');
  };
  const sent = contentHash(request, claimed, options.signing);
  if (sent === undefined) {
    const limit = options.bodyLimit ?? DEFAULT_BODY_LIMIT;
    const body = await collect(request.body, { ...readingOf(request, options), limit });
    verify(body.bytes.length === 0 ? EMPTY_SHA256 : body.sha256());
    return verifiedBytes(body.bytes);
  }
  verify(sent);
  const { date, scope, signature: seed } = claimed;
  const signing = sent.startsWith('STREAMING-AWS4-')
    ? { key, date, scope: scopeText(scope), seed }
    : undefined;
  return openBody(request, options, {
    signing,
    sha256: HEX_SHA256.test(sent) ? sent.toLowerCase() : undefined,
  });
}

const OBJECT_CONTENT = new Set([
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

/** The payload line of the canonical request, or undefined when it is the hash of the body itself. */
function contentHash(
  request: WireRequest,
  claimed: ClaimedSignature,
  signing: ObjectSigning | undefined,
): string | undefined {
  const sent =
    request.headers['x-amz-content-sha256'] ??
    /(?:^|&)X-Amz-Content-Sha256=([^&]*)/.exec(request.query)?.[1];
  if (!signing) return sent !== undefined && HEX_SHA256.test(sent) ? sent : undefined;
  if (sent === undefined) {
    if (claimed.form === 'query') return 'UNSIGNED-PAYLOAD';
    throw new AuthFailure('missing-content-hash');
  }
  if (!HEX_SHA256.test(sent) && !OBJECT_CONTENT.has(sent))
    throw new AuthFailure('invalid-content-hash');
  return sent;
}

/** The body with the checks that its headers ask for. */
function openBody(
  request: WireRequest,
  options: Pick<AuthenticateOptions, 'budget'>,
  { signing, sha256 }: { signing?: ChunkSigning; sha256?: string },
): AuthenticatedBody {
  const { headers } = request;
  const reading = readingOf(request, options);
  const checksums = new Checksums();
  // On CompleteMultipartUpload these headers speak of the object, not of this body.
  if (!/(?:^|&)uploadId=/.test(request.method === 'POST' ? request.query : ''))
    checksums.addHeaders(headers);
  if (!headers['x-amz-content-sha256']?.startsWith('STREAMING-')) {
    const length = headers['content-length'];
    return new VerifiedBody(request.body, {
      sha256,
      checksums,
      length: length === undefined ? undefined : Number(length),
      reading,
    });
  }
  const decodedLength = headers['x-amz-decoded-content-length'];
  if (decodedLength === undefined || !/^\d{1,15}$/.test(decodedLength))
    throw new AuthFailure('missing-decoded-length');
  const trailers = (headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of trailers) checksums.addTrailer(name);
  const length = Number(decodedLength);
  return new VerifiedBody(request.body, {
    decoder: new ChunkedDecoder({ signing, trailers, decodedLength: length }),
    checksums,
    length,
    reading,
  });
}

/** What the body takes of the server's room. A request that announces none has none; one from inside is in memory already. */
export function readingOf(
  { headers, internal }: WireRequest,
  { budget }: Pick<AuthenticateOptions, 'budget'>,
): Omit<Collecting, 'limit'> {
  const announced = headers['content-length'];
  const length = announced === undefined ? undefined : Number(announced);
  const none = length === undefined && headers['transfer-encoding'] === undefined;
  const inside = internal !== undefined && internal.service === undefined;
  return { length, budget: inside || none ? undefined : budget };
}
