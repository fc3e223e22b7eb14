import { Readable } from 'node:stream';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { apiOf } from './api.ts';
import type { WireRequest } from './http.ts';
import { makeRouter, s3Address } from './router.ts';
import { unsignedQueryCall } from './unsigned.ts';

const apis = [apiOf(codebuild), apiOf(s3), apiOf(iam), apiOf(sts)];
const router = makeRouter(apis);

function request(method: string, url: string, headers: Record<string, string> = {}): WireRequest {
  const [path = '/', query = ''] = url.split('?');
  const body = Readable.from([]);
  return {
    method,
    path,
    query,
    headers: { host: 'localhost:4566', ...headers },
    body,
    endpoint: '',
    remoteAddress: '',
  };
}

function s3Target(method: string, url: string, headers: Record<string, string> = {}) {
  const asked = request(method, url, headers);
  const api = router.api(asked);
  if (!api) throw new Error('no API');
  const { operation, labels } = router.target(asked, api, undefined);
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
    const before = performance.now();
    expect(s3Address({ headers: { host }, path: '/b' })).toEqual({ bucket: 'b', path: '/' });
    expect(performance.now() - before).toBeLessThan(1_000);
  }
});

test('a target header names API and operation', () => {
  const asked = request('POST', '/', { 'x-amz-target': 'CodeBuild_20161006.StartBuild' });
  const api = router.api(asked);
  expect(api?.name).toBe('codebuild');
  expect(router.target(asked, apis[0] as never, undefined).operation).toBe('StartBuild');
});

test('an unknown operation, and a name that every object has, are refused', () => {
  for (const name of ['NoSuch', 'constructor', '__proto__']) {
    const asked = request('POST', '/', { 'x-amz-target': `CodeBuild_20161006.${name}` });
    expect(() => router.target(asked, apis[0] as never, undefined)).toThrow(/not known/);
  }
});

test('a POST to a bucket that asks for nothing is a form, or wrong', () => {
  expect(() => s3Target('POST', '/b')).toThrow(
    expect.objectContaining({ code: 'PreconditionFailed', status: 412 }),
  );
});

describe('requests that name no service', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const signed = {
    authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request',
  };

  async function apiFor(method: string, url: string, headers: Record<string, string>, body = '') {
    const asked = { ...request(method, url, headers), body: Readable.from([Buffer.from(body)]) };
    const { request: read, call } = await unsignedQueryCall(asked, {});
    const pieces = await read.body.toArray();
    expect(Buffer.concat(pieces).toString()).toBe(body);
    return router.api(read, call)?.name;
  }

  test.each([
    [
      'an action in a form',
      'POST',
      '/',
      form,
      'Action=AssumeRoleWithWebIdentity&Version=2011-06-15',
      'sts',
    ],
    [
      'an action that only the version tells',
      'POST',
      '/',
      form,
      'Action=NoSuch&Version=2010-05-08',
      'iam',
    ],
    ['an action without a version', 'POST', '/', form, 'Action=ListUsers', 'iam'],
    ['an action in the query', 'GET', '/?Action=ListUsers&Version=2010-05-08', {}, '', 'iam'],
    ['an action of no service', 'POST', '/', form, 'Action=Publish&Version=2010-03-31', undefined],
    ['a form that is no call', 'POST', '/', form, 'a=b', 's3'],
    [
      'a call that is signed for a service',
      'POST',
      '/',
      { ...form, ...signed },
      'Action=ListUsers',
      's3',
    ],
    ['an object', 'GET', '/b/k?Action=ListUsers', {}, '', 's3'],
    ['a list of buckets', 'GET', '/', {}, '', 's3'],
  ])('%s', async (_what, method, url, headers, body, name) => {
    expect(await apiFor(method, url, headers, body)).toBe(name);
  });
});
