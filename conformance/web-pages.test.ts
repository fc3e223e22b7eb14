import { request as httpRequest } from 'node:http';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';

/** What browsers put on the wire for pages of other sites, against real servers. */

let server: TestServer;

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** With headers that `fetch` would not let us set. */
function send({ method, path, headers = {}, body = '' }: Sent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const sending = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

const evil = { origin: 'http://evil.example' };
const scope = 'X-Amz-Credential=111111111111/20260101/us-east-1/iam/aws4_request';
const createUser = `/?${scope}&Action=CreateUser&UserName=evil&Version=2010-05-08`;

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

  test('refuses other sites before it asks who they are', async () => {
    const refused = await send({ method: 'POST', path: createUser, headers: evil });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('other sites')]);
  });
});
