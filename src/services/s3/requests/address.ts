import type { WireRequest } from '../../../aws/http.ts';
import { decodeUri } from '../../../aws/protocols/uri.ts';

/** The names under which virtual-hosted buckets are reached: `bucket.s3.localhost`, `bucket.localhost`, AWS's own. */
const VIRTUAL_HOST =
  /^(.+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.localhost|localhost|s3(?:[.-][a-z0-9.-]*)?\.amazonaws\.com)(?::\d+)?$/;
/** A name has at most 253 characters; whoever sends more is no client, and shall not keep us looking. */
const LONGEST_HOST = 320;
const S3_HOST = /^s3[.-]/;

/** Bucket and the path below it, from a virtual-hosted or path-style address. Both undecoded but for the bucket. */
export function s3Address(request: Pick<WireRequest, 'headers' | 'path'>): {
  bucket?: string;
  path: string;
} {
  const host = request.headers.host ?? '';
  const plain = host.length > LONGEST_HOST || S3_HOST.test(host);
  const virtual = plain ? undefined : VIRTUAL_HOST.exec(host)?.[1];
  if (virtual !== undefined) return { bucket: virtual, path: request.path };
  const [, segment = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(request.path) ?? [];
  if (segment === '') return { path: '/' };
  return { bucket: decodeUri(segment), path: rest === '' ? '/' : rest };
}

/** The same, as the wire layer asks for it. */
export function labelsOfAddress(request: WireRequest): {
  labels: Record<string, string>;
  path: string;
} {
  const { bucket, path } = s3Address(request);
  return { labels: bucket === undefined ? {} : { Bucket: bucket }, path };
}

/** Bucket and path as one resource, as Signature Version 2 signs them, whichever way they are addressed. */
export function signedResource(request: WireRequest): string {
  const { bucket, path } = s3Address(request);
  return bucket !== undefined && path === request.path ? `/${bucket}${path}` : request.path;
}
