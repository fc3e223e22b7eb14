import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Api } from './api.ts';
import { isHostServed, refuseForeignPages } from './gate.ts';
import type { WireRequest } from './http.ts';
import { restXml } from './protocols/rest-xml.ts';

const HOST = 'localhost:4566';

function request(method: string, url: string, headers: Record<string, string> = {}): WireRequest {
  const [path = '/', query = ''] = url.split('?');
  return {
    method,
    path,
    query,
    headers: { host: HOST, ...headers },
    body: Readable.from([]),
    endpoint: `http://${HOST}`,
    remoteAddress: '127.0.0.1',
  };
}

/** An API of objects, as S3 is one: it takes forms and presigned links. */
const objects: Api = {
  ...{ name: 's3', protocols: [restXml({ dialect: 's3' })], operations: {}, errors: {} },
  anonymous: true,
  signing: { resourceOf: ({ path: resource }) => resource },
  forms: {
    matches: ({ method, query, headers }) =>
      method === 'POST' && query === '' && /^multipart/.test(headers['content-type'] ?? ''),
    open: () => Promise.reject(new Error('No form is opened here')),
  },
};
const apis = [objects];
const server = { hosts: [], apis, region: 'us-east-1' };

const statusIn = (mode: 'strict' | 'relaxed', asked: WireRequest) =>
  refuseForeignPages(asked, { mode, hosts: ['build-7'], apis, region: 'us-east-1' })?.status;

/** As HTTP/1.0 allows it. */
function withoutHost(headers: Record<string, string>): WireRequest {
  return { ...request('POST', '/b'), headers };
}

const evil = { origin: 'http://evil.example' };
const presigned = '/b/k?X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request';
const iam = '/?Action=CreateUser&X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fiam%2Faws4_request';
const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
const form = { 'content-type': 'multipart/form-data; boundary=x' };

describe.each(['strict', 'relaxed'] as const)('%s', (mode) => {
  test.each([
    ['S3 DeleteObjects', request('POST', '/b?delete', { ...evil, 'content-type': 'text/plain' })],
    ['IAM with its scope in the query', request('POST', iam, evil)],
    ['a push', request('POST', '/v1/repos/app/git-receive-pack', evil)],
    ['a reset', request('POST', '/_slipway/reset', evil)],
    ['a preflight', request('OPTIONS', '/b/k', evil)],
    ['a page without an origin', request('POST', '/b?delete', { origin: 'null' })],
    [
      'a page in a sandbox',
      request('POST', iam, { origin: 'null', 'sec-fetch-site': 'same-origin' }),
    ],
    ['a page in a sandbox, by GET', request('GET', '/b/k', { origin: 'null' })],
    ['a page without an origin, to no host', withoutHost({ origin: 'null' })],
    ['a page that names nothing, to no host', withoutHost({ origin: '' })],
    ['a page of another scheme, to no host', withoutHost({ origin: 'file://' })],
    ['a page of another site, to no host', withoutHost(evil)],
    ['a page on another port', request('POST', '/b', { origin: 'http://localhost:3000' })],
    ['a page of an extension', request('POST', '/b', { origin: 'chrome-extension://abc' })],
    [
      'an origin that only begins like ours',
      request('POST', '/b', { origin: `http://${HOST}.evil.example` }),
    ],
    ['an image that creates a user', request('GET', iam, image)],
    ['a link that creates a user', request('GET', iam, link)],
    [
      'a link that creates a user and looks presigned',
      request('GET', '/?Action=CreateUser&AWSAccessKeyId=x', link),
    ],
    [
      'a page on another port, without Origin',
      request('GET', '/b/k', { 'sec-fetch-site': 'same-site' }),
    ],
    ['a fetch of a presigned object', request('GET', presigned, { ...evil, ...image })],
    [
      'a form with a file and a signature in its address',
      request('POST', presigned, { ...evil, ...form }),
    ],
  ])('refuses %s', (_what, asked) => {
    expect(statusIn(mode, asked)).toBe(403);
  });

  test.each([
    ['the aws command', request('POST', '/', { 'x-amz-target': 'A.B' })],
    [
      'its own page',
      request('POST', '/', { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }),
    ],
    ['its own page behind TLS', request('POST', '/', { origin: `https://${HOST}` })],
    ['an address that somebody typed', request('GET', '/b/k', { 'sec-fetch-site': 'none' })],
    ['a link to its pages', request('GET', '/_slipway/health', link)],
  ])('lets %s through', (_what, asked) => {
    expect(statusIn(mode, asked)).toBeUndefined();
  });

  test('a refusal speaks as the service that was asked does', async () => {
    const asked = request('POST', '/', {
      ...evil,
      'x-amz-target': 'CodeBuild_20161006.StartBuild',
    });
    const refused = refuseForeignPages(asked, { mode, ...server });
    expect(JSON.parse(String(refused?.body))).toMatchObject({ __type: 'AccessDeniedException' });
    const s3 = refuseForeignPages(request('PUT', '/b/k', evil), { mode, ...server });
    expect(String(s3?.body)).toContain('<Code>AccessDenied</Code>');
  });
});

test('what carries a signature that is verified may come from any page; a relaxed server verifies none', () => {
  const shown = request('GET', presigned, image);
  const led = request('GET', presigned, link);
  const upload = request('POST', '/b', { ...evil, ...form });
  const all = [shown, led, upload];
  expect(all.map((one) => statusIn('strict', one))).toEqual([undefined, undefined, undefined]);
  expect(all.map((one) => statusIn('relaxed', one))).toEqual([403, 403, 403]);
});

test('a relaxed server serves no name that a stranger can let point to it', () => {
  const rebound = request('POST', '/', {
    host: 'evil.example:4566',
    origin: 'http://evil.example:4566',
  });
  expect(statusIn('relaxed', rebound)).toBe(403);
  expect(statusIn('strict', rebound)).toBeUndefined();
});

test.each([
  'AWSAccessKeyId=1&X-Amz-Credential=0%2F20260101%2Fus-east-1%2Fiam%2Faws4_request&Action=CreateUser&UserName=evil',
  'AWSAccessKeyId=1&Action=CreateUser&UserName=evil&Version=2010-05-08',
  'AWSAccessKeyId=1&%41ction=CreateUser&UserName=evil&Version=2010-05-08',
])('no page opens a call of a Query API as if it were a presigned object: %s', (query) => {
  expect(statusIn('relaxed', request('GET', `/x?${query}`, link))).toBe(403);
});

const served = {
  hosts: ['build-7', 'build-7.local'],
  apis: [
    { name: 's3', hosts: ['*.s3'] },
    { name: 'codebuild' },
    { name: 'codecommit', hosts: ['git-codecommit'] },
  ],
  region: 'home',
};

test.each([
  '127.0.0.1:4566',
  '[::1]:4566',
  '192.168.1.9',
  'localhost',
  'LOCALHOST:4566',
  'localhost.',
  'bucket.s3.localhost:4566',
  'build-7:4566',
  'BUILD-7',
  'BUILD-7.local:4566',
  's3.us-east-1.amazonaws.com',
  'git-codecommit.us-east-1.amazonaws.com:443',
  'codebuild.us-east-1.api.aws',
  'codebuild-fips.us-gov-west-1.amazonaws.com',
  'codebuild.cn-north-1.amazonaws.com.cn',
  'codebuild.home.amazonaws.com',
  's3.amazonaws.com',
  's3.dualstack.eu-west-1.amazonaws.com',
  'my.bucket.s3.eu-west-1.amazonaws.com',
  'bucket.s3.amazonaws.com:4566',
  '',
])('the host %j is served', (host) => {
  expect(isHostServed(host, served)).toBe(true);
});

test.each([
  'evil.example',
  'localhost.evil.example',
  'evil-localhost',
  'amazonaws.com.evil.example',
  'evilamazonaws.com',
  '127.0.0.1.evil.example',
  '0.0.0.0:4566',
  '[::]:4566',
  '[::ffff:127.0.0.1]:4566',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:1]',
  'build-7.evil.example',
  '127.1',
  '@127.0.0.1',
  'evil-1234567890.us-east-1.elb.amazonaws.com',
  'codebuild.us-east-1.elb.amazonaws.com',
  'ec2-203-0-113-7.us-west-2.compute.amazonaws.com',
  'ec2-203-0-113-7.compute-1.amazonaws.com',
  'codebuild.compute-1.amazonaws.com',
  'evil.execute-api.us-east-1.amazonaws.com',
  'evil.lambda-url.us-east-1.on.aws',
  'evil.s3-website.eu-central-1.amazonaws.com',
  'evil.s3-website-us-east-1.amazonaws.com',
  'evil-123456789012.s3-accesspoint.us-east-1.amazonaws.com',
  'vpce-1.s3.us-east-1.vpce.amazonaws.com',
  'evil.us-east-1.rds.amazonaws.com',
  'evil.codebuild.us-east-1.amazonaws.com',
  'ecr.us-east-1.api.aws',
  'us-east-1.amazonaws.com',
  'amazonaws.com',
])('the host %j is not', (host) => {
  expect(isHostServed(host, served)).toBe(false);
});
