import type { WebsiteConfiguration } from '@aws-sdk/client-s3';
import { servicePrincipal } from '../../../aws/auth/service.ts';
import type { WireRequest, WireResponse } from '../../../aws/http.ts';
import { decodeUri } from '../../../aws/protocols/uri.ts';
import { escapeXml } from '../../../aws/protocols/xml-text.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import type { Bucket } from '../model/bucket.ts';
import { readOutcome } from '../model/conditions.ts';
import { quote } from '../model/etag.ts';
import { bucketArn, objectArn } from '../model/names.ts';
import { parseRange } from '../model/range.ts';
import { pathOf, routed } from '../model/website.ts';
import { readBody } from '../objects/bodies.ts';
import { openDataKey } from '../objects/encryption.ts';
import type { StoredVersion } from '../objects/versions.ts';
import { bucket as kind } from '../resources/bucket.ts';
import { findBucket } from '../store/buckets.ts';
import { listSegments } from '../store/segments.ts';
import { findVersion } from '../store/versions.ts';

/*
 * A bucket as a website: its objects for everybody whom its policy lets in, under a host name of its own, so that its
 * pages are of another origin than this server and than other buckets.
 */

interface Site {
  ctx: Platform;
  request: WireRequest;
  bucket: Bucket;
  website: WebsiteConfiguration;
}

/** What stands in the place of a page. */
class Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;

  constructor(status: number, code: string, message: string) {
    this.status = status;
    this.code = code;
    this.message = message;
  }
}

const DENIED = new Failure(403, 'AccessDenied', 'Access Denied');
const NO_KEY = new Failure(404, 'NoSuchKey', 'The specified key does not exist.');

/** @param name of the bucket */
export async function serveWebsite(
  ctx: Platform,
  request: WireRequest,
  name: string,
): Promise<WireResponse> {
  request.body.resume();
  const bucket = await findBucket(ctx.db, name);
  if (!bucket) return page(new Failure(404, 'NoSuchBucket', 'The specified bucket does not exist'));
  const { website } = bucket.settings;
  if (!website) {
    const sentence = 'The specified bucket does not have a website configuration';
    return page(new Failure(404, 'NoSuchWebsiteConfiguration', sentence));
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const sentence = 'The specified method is not allowed against this resource.';
    return page(new Failure(405, 'MethodNotAllowed', sentence), { allow: 'GET, HEAD' });
  }
  return answer({ ctx, request, bucket, website });
}

async function answer(site: Site): Promise<WireResponse> {
  const { request, website } = site;
  const { host = '' } = request.headers;
  const protocol = request.endpoint.startsWith('https:') ? 'https' : 'http';
  const all = website.RedirectAllRequestsTo;
  if (all) {
    const query = request.query === '' ? '' : `?${request.query}`;
    return redirect(301, `${all.Protocol ?? protocol}://${all.HostName}${request.path}${query}`);
  }
  const key = keyOf(request.path);
  if (key === undefined)
    return page(new Failure(400, 'BadRequest', 'The path is not percent-encoded UTF-8.'));
  const asked = { key, host, protocol };
  const early = routed(website, asked);
  if (early) return redirect(early.status, early.location);
  const suffix = website.IndexDocument?.Suffix ?? '';
  const found = await find(site, key === '' || key.endsWith('/') ? `${key}${suffix}` : key);
  if (!(found instanceof Failure)) return objectAnswer(site, found, 200);
  // A folder: its address ends with a slash.
  if (key !== '' && !key.endsWith('/') && found.status === 404) {
    const index = await find(site, `${key}/${suffix}`);
    if (!(index instanceof Failure)) return redirect(302, `/${pathOf(key)}/`);
  }
  const late = routed(website, asked, found.status);
  return late ? redirect(late.status, late.location) : errorAnswer(site, found);
}

function keyOf(path: string): string | undefined {
  try {
    return decodeUri(path.slice(1));
  } catch {
    return undefined;
  }
}

/** The current version of an object that everybody may read. */
async function find(site: Site, key: string): Promise<StoredVersion | Failure> {
  const { ctx, bucket } = site;
  if (!(await isPublic(site, 's3:GetObject', objectArn(bucket.name, key)))) return DENIED;
  const version = await findVersion(ctx.db, bucket.name, key);
  if (version?.content) return { ...version, content: version.content };
  // Who may not list learns nothing of what is not there.
  const mayList = await isPublic(site, 's3:ListBucket', bucketArn(bucket.name));
  return mayList ? NO_KEY : DENIED;
}

/** May it be done by somebody of whom nothing is known? Only the bucket's policy can say so. */
async function isPublic(site: Site, action: string, resource: string): Promise<boolean> {
  const { ctx, request, bucket } = site;
  const document = kind.policy?.of(bucket, { accountId: 'anonymous' } as ServiceContext);
  if (document === undefined) return false;
  const { referer, 'user-agent': agent } = request.headers;
  const decision = await ctx.authorizer.decide({
    principal: servicePrincipal('anonymous', bucketArn(bucket.name), [], 'anonymous'),
    ...{ action, resources: [resource], owner: bucket.accountId },
    resourcePolicy: { document, kind: 'resource', required: true },
    conditions: {
      'aws:principaltype': 'Anonymous',
      'aws:sourceip': request.remoteAddress,
      'aws:securetransport': String(request.endpoint.startsWith('https:')),
      'aws:currenttime': ctx.clock.now().toISOString(),
      ...(referer !== undefined && { 'aws:referer': referer }),
      ...(agent !== undefined && { 'aws:useragent': agent }),
    },
  });
  return decision.allowed;
}

async function objectAnswer(
  site: Site,
  version: StoredVersion,
  status: number,
): Promise<WireResponse> {
  const { ctx, request, bucket } = site;
  const { content } = version;
  const { attributes, encryption, size } = content;
  if (attributes.websiteRedirectLocation) return redirect(301, attributes.websiteRedirectLocation);
  if (encryption.algorithm !== 'AES256') {
    const sentence =
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.';
    return page(new Failure(400, 'InvalidArgument', sentence));
  }
  const headers = headersOf(version);
  const isPage = status === 200;
  const since = isPage ? new Date(request.headers['if-modified-since'] ?? '') : new Date('');
  const conditions = {
    ...(isPage && { ifNoneMatch: request.headers['if-none-match'] }),
    ...(!Number.isNaN(since.getTime()) && { ifModifiedSince: since }),
  };
  const { lastModified } = version;
  if (readOutcome(conditions, { etag: content.etag, lastModified }) === 'not-modified')
    return { status: 304, headers, body: undefined };
  const range = isPage ? parseRange(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable')
    return page(new Failure(416, 'InvalidRange', 'The requested range is not satisfiable'));
  const dataKey = await openDataKey(ctx as ServiceContext, bucket, content.bodyId, encryption);
  const segments = await listSegments(ctx.db, content.bodyId);
  const length = range ? range.end - range.start + 1 : size;
  return {
    status: range ? 206 : status,
    headers: {
      ...headers,
      'content-length': String(length),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    },
    body: request.method === 'HEAD' ? undefined : readBody(ctx, segments, dataKey, range),
  };
}

function headersOf({ content, lastModified }: StoredVersion): Record<string, string> {
  const { attributes: of, etag } = content;
  const optional = {
    'cache-control': of.cacheControl,
    'content-disposition': of.contentDisposition,
    'content-encoding': of.contentEncoding,
    'content-language': of.contentLanguage,
    expires: of.expires?.toUTCString(),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as Record<string, string>),
    'content-type': of.contentType ?? 'binary/octet-stream',
    'accept-ranges': 'bytes',
    etag: quote(etag),
    'last-modified': lastModified.toUTCString(),
    ...NO_SNIFFING,
  };
}

const NO_SNIFFING = { 'x-content-type-options': 'nosniff' };

/** The bucket's own page for errors, where it has one that may be read. */
async function errorAnswer(site: Site, failure: Failure): Promise<WireResponse> {
  const key = site.website.ErrorDocument?.Key;
  const own = key === undefined ? failure : await find(site, key);
  return own instanceof Failure ? page(failure) : objectAnswer(site, own, failure.status);
}

function redirect(status: number, location: string): WireResponse {
  return { status, headers: { location, 'content-length': '0', ...NO_SNIFFING }, body: undefined };
}

function page(
  { status, code, message }: Failure,
  headers: Record<string, string> = {},
): WireResponse {
  const text = escapeXml(message);
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...NO_SNIFFING, ...headers },
    body: `<!doctype html>\n<title>${status} ${code}</title>\n<h1>${status} ${code}</h1>\n<p>${text}</p>\n`,
  };
}
