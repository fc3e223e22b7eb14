import { Readable } from 'node:stream';
import * as client from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { apiOf } from '../../../aws/api.ts';
import type { WireRequest } from '../../../aws/http.ts';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { labelsOfAddress, s3Address } from './address.ts';
import { s3Protocol } from './protocol.ts';

const api = apiOf(client, { protocols: [s3Protocol], address: labelsOfAddress });

function request(method: string, url: string, headers: Record<string, string> = {}): WireRequest {
  const [path = '/', query = ''] = url.split('?');
  return {
    ...{ method, path, query, headers: { host: 'localhost:4566', ...headers } },
    ...{ body: Readable.from([]), endpoint: '', remoteAddress: '' },
  };
}

function s3Target(method: string, url: string, headers: Record<string, string> = {}) {
  const { operation, labels } = s3Protocol.operation(api, request(method, url, headers), undefined);
  return [operation, labels];
}

describe('S3 operations by their bindings', () => {
  const bucket = { Bucket: 'b' };
  const object = { Bucket: 'b', Key: 'k' };
  test.each([
    ['GET', '/', 'ListBuckets', {}],
    ['PUT', '/b', 'CreateBucket', bucket],
    ['GET', '/b?list-type=2&prefix=x', 'ListObjectsV2', bucket],
    ['GET', '/b', 'ListObjects', bucket],
    ['GET', '/b/?versioning', 'GetBucketVersioning', bucket],
    ['GET', '/b?location', 'GetBucketLocation', bucket],
    ['POST', '/b?delete', 'DeleteObjects', bucket],
    ['PUT', '/b/k', 'PutObject', object],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart', object],
    ['POST', '/b/k?uploads', 'CreateMultipartUpload', object],
    ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload', object],
    ['DELETE', '/b/k?uploadId=u', 'AbortMultipartUpload', object],
    ['GET', '/b/k?uploadId=u', 'ListParts', object],
    ['GET', '/b/k?x-id=GetObject', 'GetObject', object],
    ['HEAD', '/b/k', 'HeadObject', object],
    ['GET', '/b/k?tagging', 'GetObjectTagging', object],
  ])('%s %s is %s', (method, url, operation, labels) => {
    expect(s3Target(method, url)).toEqual([operation, labels]);
  });

  test('a copy source makes a PUT a copy', () => {
    expect(s3Target('PUT', '/b/k', { 'x-amz-copy-source': '/a/b' })[0]).toBe('CopyObject');
    expect(
      s3Target('PUT', '/b/k?partNumber=1&uploadId=u', { 'x-amz-copy-source': '/a/b' })[0],
    ).toBe('UploadPartCopy');
  });

  test('keys keep slashes, dots and percent signs', () => {
    expect(s3Target('GET', '/b//../a%2Fb%25')[1]).toEqual({ Bucket: 'b', Key: '/../a/b%' });
  });

  test('a broken percent escape is a client error', () => {
    expect(() => s3Target('GET', '/b/%zz')).toThrow(/parse the specified URI/);
  });
});

describe('where the bucket is', () => {
  test.each([
    ['localhost:4566', '/b/k', 'b', '/k'],
    ['b.localhost:4566', '/k', 'b', '/k'],
    ['b.s3.localhost:4566', '/k', 'b', '/k'],
    ['my.b.s3.localhost:4566', '/k', 'my.b', '/k'],
    ['b.s3.us-east-1.amazonaws.com', '/k', 'b', '/k'],
    ['s3.us-east-1.amazonaws.com', '/b/k', 'b', '/k'],
    ['127.0.0.1:4566', '/b', 'b', '/'],
  ])('%s%s', (host, path, bucket, rest) => {
    expect(s3Address({ headers: { host }, path })).toEqual({ bucket, path: rest });
  });
});

test('a host that is made to be slow to read is read at once', () => {
  for (const host of [
    `b.s3${'-a'.repeat(100)}!`,
    `b${'.s3'.repeat(5000)}!`,
    `b.s3${'-a'.repeat(5000)}`,
  ]) {
    const taken = cpuTime();
    expect(s3Address({ headers: { host }, path: '/b' })).toEqual({ bucket: 'b', path: '/' });
    expect(taken()).toBeLessThan(1_000);
  }
});

test('a POST to a bucket that asks for nothing is a form, or wrong', () => {
  expect(() => s3Target('POST', '/b')).toThrow(
    expect.objectContaining({ code: 'PreconditionFailed', status: 412 }),
  );
});
