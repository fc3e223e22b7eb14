import { Readable } from 'node:stream';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { type Api, apiOf } from './api.ts';
import type { WireRequest } from './http.ts';
import { json11 } from './protocols/json.ts';
import { query } from './protocols/query.ts';
import { makeRouter } from './router.ts';
import { unsignedQueryCall } from './unsigned.ts';

const build = apiOf(codebuild);
const apis = [build, apiOf(s3, { anonymous: true }), apiOf(iam), apiOf(sts)];
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

test('a target header names API and operation', () => {
  const asked = request('POST', '/', { 'x-amz-target': 'CodeBuild_20161006.StartBuild' });
  const found = router.find(asked);
  expect(found?.api.name).toBe('codebuild');
  expect(found?.protocol.operation(build, asked, undefined)).toEqual({ operation: 'StartBuild' });
});

test('a target header may begin with the package of the API', () => {
  const target = 'com.amazonaws.codebuild.v20161006.CodeBuild_20161006.StartBuild';
  const asked = request('POST', '/', { 'x-amz-target': target });
  const found = router.find(asked);
  expect(found?.api.name).toBe('codebuild');
  expect(found?.protocol.operation(build, asked, undefined)).toEqual({ operation: 'StartBuild' });
});

test('an unknown operation, and a name that every object has, are refused', () => {
  for (const name of ['NoSuch', 'constructor', '__proto__']) {
    const asked = request('POST', '/', { 'x-amz-target': `CodeBuild_20161006.${name}` });
    expect(() => json11.operation(build, asked, undefined)).toThrow(/not known/);
  }
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
    return router.find(read, call)?.api.name;
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

test('two APIs of one signing name are refused where nothing tells their requests apart', () => {
  const of = (version: string, protocols: Api['protocols'], targetPrefix?: string) => ({
    ...apiOf(iam, { protocols }),
    ...{ name: 'elasticloadbalancing', version, targetPrefix },
  });
  expect(() => makeRouter([of('1', [query]), of('1', [query])])).toThrow(
    'Two APIs sign as elasticloadbalancing (1 and 1)',
  );
  // Those of Query say their version in each call.
  const both = makeRouter([of('2012-06-01', [query]), of('2015-12-01', [query])]);
  const found = both.find(
    request('POST', '/', {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/elasticloadbalancing/aws4_request',
    }),
  );
  const told = (body: string) => found?.told?.(Buffer.from(body)).version;
  expect(told('Action=ListUsers&Version=2015-12-01')).toBe('2015-12-01');
  expect(told('Action=ListUsers&Version=2012-06-01')).toBe('2012-06-01');
  // Refused by the first, in its words.
  expect(told('Action=ListUsers&Version=1')).toBe('2012-06-01');
  expect(() => makeRouter([of('1', [query]), of('2', [json11], 'Second')])).not.toThrow();
  expect(() => makeRouter([of('1', [query]), of('2', [json11, query], 'Second')])).toThrow();
});
