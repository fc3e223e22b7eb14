import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import { startServer, type TestServer } from './server.ts';

/** What browsers put on the wire for pages of other sites, against real servers. */

let server: TestServer;

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answer {
  status: number;
  text: string;
  headers: IncomingHttpHeaders;
}

/** With headers that `fetch` would not let us set. */
function send({ method, path, headers = {}, body = '' }: Sent) {
  return new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const sending = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      const { statusCode: status = 0, headers: sent } = response;
      response.on('end', () => resolve({ status, text, headers: sent }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

const evil = { origin: 'http://evil.example' };
const scope = 'X-Amz-Credential=111111111111/20260101/us-east-1/iam/aws4_request';
const createUser = `/?${scope}&Action=CreateUser&UserName=evil&Version=2010-05-08`;

function expectSandbox({ headers }: Answer): void {
  expect(headers).toMatchObject({
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
}

/** A link to the object as a page, signed. */
async function presigned(): Promise<string> {
  const { host, hostname } = new URL(server.endpoint);
  const path = '/mine/key';
  const asked = {
    ...{ method: 'GET', protocol: 'http:', hostname, path },
    query: { 'response-content-type': 'text/html' },
    headers: { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
  };
  const { accessKeyId, secretAccessKey } = server;
  const principal = undefined as never;
  const signer = sdkSigner('s3', { accessKeyId, secretAccessKey, status: 'Active', principal });
  const { query } = await signer.presign(asked, { expiresIn: 60 });
  return `${path}?${new URLSearchParams(query as Record<string, string>)}`;
}

const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

async function bucketWithObject(): Promise<s3.S3Client> {
  const client = new s3.S3Client({ ...server.client, forcePathStyle: true });
  await client.send(new s3.CreateBucketCommand({ Bucket: 'mine' }));
  await client.send(new s3.PutObjectCommand({ Bucket: 'mine', Key: 'key', Body: 'x' }));
  return client;
}

describe('a relaxed server', () => {
  let client: s3.S3Client;
  beforeAll(async () => {
    server = await startServer({
      flags: [
        '--data',
        ':memory:',
        '--auth',
        'relaxed',
        '--allowed-host',
        'a.test,slipway.test',
        '--allowed-host',
        'b.test',
      ],
    });
    client = await bucketWithObject();
  }, 60_000);
  afterAll(() => server?.stop());

  const deletion = '<Delete><Object><Key>key</Key></Object></Delete>';
  test.each([
    [
      'DeleteObjects',
      {
        method: 'POST',
        path: '/mine?delete',
        headers: { ...evil, 'content-type': 'text/plain' },
        body: deletion,
      },
    ],
    ['CreateUser', { method: 'POST', path: createUser, headers: evil }],
    [
      'CreateUser by an image',
      { method: 'GET', path: createUser, headers: { 'sec-fetch-site': 'cross-site' } },
    ],
    ['a reset', { method: 'POST', path: '/_slipway/reset', headers: evil }],
    [
      'a reset by a name that is not ours',
      {
        method: 'POST',
        path: '/_slipway/reset',
        headers: { host: 'evil.example', origin: 'http://evil.example' },
      },
    ],
    [
      'a read by a name that is not ours',
      { method: 'GET', path: '/mine/key', headers: { host: 'evil.example:4566' } },
    ],
  ])('refuses %s', async (_what, sent) => {
    expect((await send(sent)).status).toBe(403);
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: 'mine', Key: 'key' }));
    expect(await Body?.transformToString()).toBe('x');
  });

  test.each(['a.test', 'slipway.test:4566', 'b.test'])(
    'is reached as %s, as it was told',
    async (host) => {
      const { status } = await send({ method: 'GET', path: '/mine/key', headers: { host } });
      expect(status).toBe(200);
    },
  );

  test('an object that a browser shows is no page of the server', async () => {
    const path = '/mine/key?response-content-type=text/html';
    const shown = await send({ method: 'GET', path, headers: { 'sec-fetch-site': 'none' } });
    expect(shown).toMatchObject({ status: 200, text: 'x' });
    expectSandbox(shown);
    expectSandbox(await send({ method: 'GET', path: '/mine/none' }));
    expectSandbox(await send({ method: 'GET', path: '/v1/repos/none/info/refs' }));
    const inSandbox = { origin: 'null', 'sec-fetch-site': 'same-origin' };
    const asked = await send({ method: 'POST', path: createUser, headers: inSandbox });
    expect(asked.status).toBe(403);
  });

  test('its own pages are not in a sandbox', async () => {
    const { headers } = await send({ method: 'GET', path: '/_slipway/health' });
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBeUndefined();
  });

  test('no page leads its user to an object with a signature that nobody verifies', async () => {
    const path = await presigned();
    expect((await send({ method: 'GET', path, headers: link })).status).toBe(403);
  });

  test('a push of a type that a form can have is no push', async () => {
    const path = '/v1/repos/app/git-receive-pack';
    const headers = { 'content-type': 'text/plain' };
    expect((await send({ method: 'POST', path, headers })).status).toBe(415);
  });
});

describe('a strict server', () => {
  beforeAll(async () => {
    server = await startServer();
    await bucketWithObject();
  }, 60_000);
  afterAll(() => server?.stop());

  test('shows a presigned object, in a sandbox', async () => {
    const shown = await send({ method: 'GET', path: await presigned(), headers: link });
    expect(shown.status).toBe(200);
    expectSandbox(shown);
  });

  test('refuses other sites before it asks who they are', async () => {
    const refused = await send({ method: 'POST', path: createUser, headers: evil });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('other sites')]);
  });
});
