import { createHmac } from 'node:crypto';
import { ownValue } from '../../lib/own.ts';
import type { WireRequest } from '../http.ts';
import { sameText } from './signature.ts';

/** What an S3 URL presigned by Signature Version 2 claims. */
export interface ClaimedV2 {
  accessKeyId: string;
  /** Base64 of an HMAC-SHA1. */
  signature: string;
  /** Epoch seconds, as sent. */
  expires: string;
  token: string | undefined;
}

/** Query parameters that are part of the resource. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html */
const SUBRESOURCES = new Set(
  (
    'accelerate acl analytics cors delete encryption inventory legal-hold lifecycle location logging metrics notification ' +
    'object-lock partNumber policy publicAccessBlock replication requestPayment restore retention select select-type ' +
    'tagging torrent uploadId uploads versionId versioning versions website response-cache-control ' +
    'response-content-disposition response-content-encoding response-content-language response-content-type response-expires'
  ).split(' '),
);

function parameters(query: string): [string, string | undefined][] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals < 0) return [decode(part), undefined];
      return [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/**
 * What the URL claims, or undefined when it is none of Version 2. The aws command (version 1) and boto3 still
 * presign so for S3 unless they are told otherwise, and S3 still takes it.
 */
export function readSignatureV2(request: WireRequest): ClaimedV2 | undefined {
  if (!request.query.includes('AWSAccessKeyId=')) return undefined;
  const query = new Map(parameters(request.query));
  const accessKeyId = query.get('AWSAccessKeyId');
  const signature = query.get('Signature');
  const expires = query.get('Expires');
  if (!accessKeyId || !signature || !expires || !/^\d{1,12}$/.test(expires)) return undefined;
  return { accessKeyId, signature, expires, token: query.get('x-amz-security-token') };
}

function stringToSign(request: WireRequest, claimed: ClaimedV2, resource: string): string {
  const query = parameters(request.query);
  const found = new Map(query);
  const amz: Record<string, string> = {};
  for (const [name, value] of query) if (/^x-amz-/.test(name)) amz[name] = value ?? '';
  for (const name in request.headers)
    if (name.startsWith('x-amz-')) amz[name] = request.headers[name] ?? '';
  const header = (name: string) => ownValue(request.headers, name) ?? found.get(name) ?? '';
  const amzLines = Object.keys(amz)
    .sort()
    .map((name) => `${name}:${amz[name]?.trim()}\n`)
    .join('');
  const parts = query
    .filter(([name]) => SUBRESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
  const subresource = parts.length > 0 ? `?${parts.join('&')}` : '';
  const { method } = request;
  return `${method}\n${header('content-md5')}\n${header('content-type')}\n${claimed.expires}\n${amzLines}${resource}${subresource}`;
}

/** True when `claimed` is the signature of the request under this secret. @param resource what it is signed for */
export function isSignedV2(
  request: WireRequest,
  claimed: ClaimedV2,
  secret: string,
  resource: string,
): boolean {
  const text = stringToSign(request, claimed, resource);
  return sameText(createHmac('sha1', secret).update(text).digest('base64'), claimed.signature);
}
