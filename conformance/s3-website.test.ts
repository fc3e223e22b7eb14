import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  DeleteBucketWebsiteCommand,
  GetBucketWebsiteCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';

/** Buckets as websites, each at a host name of its own, as a browser asks for them. */
describe.each(['strict', 'relaxed'])('websites of buckets, on a %s server', (mode) => {
  let server: TestServer;
  let s3: S3Client;

  interface Asked {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
  }
  /** fetch lets nobody say which Host it asks for. */
  async function ask(host: string, path: string, { method = 'GET', headers, body }: Asked = {}) {
    const { hostname, port } = new URL(server.endpoint);
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
      (resolve, reject) => {
        const asked = { hostname, port, path, method, headers: { host, ...headers } };
        const sent = httpRequest(asked, async (response) => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: await text(response) });
        });
        sent.on('error', reject);
        sent.end(body);
      },
    );
  }
  const HOST = 'site.s3-website.localhost:4566';

  const put = (Key: string, Body: string, more = {}) =>
    s3.send(new PutObjectCommand({ Bucket: 'site', Key, Body, ContentType: 'text/html', ...more }));
  const configure = (WebsiteConfiguration: WebsiteConfiguration) =>
    s3.send(new PutBucketWebsiteCommand({ Bucket: 'site', WebsiteConfiguration }));
  const allow = (...actions: string[]) => {
    const Resource = ['arn:aws:s3:::site', 'arn:aws:s3:::site/*'];
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: actions, Resource }];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    return s3.send(new PutBucketPolicyCommand({ Bucket: 'site', Policy }));
  };
  const website = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'oops.html' } };

  beforeAll(async () => {
    server = await startServer({ flags: ['--auth', mode] });
    s3 = new S3Client({ ...server.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'site' }));
    await put('index.html', '<h1>home</h1>', { CacheControl: 'max-age=5' });
    await put('deep/index.html', 'deep');
    await put('oops.html', 'oops');
    await put('old', '', { WebsiteRedirectLocation: '/new' });
  });
  afterAll(async () => {
    await server?.stop();
  });

  test('none is there before it is configured and its policy lets everybody in', async () => {
    expect(await ask('none.s3-website.localhost', '/')).toMatchObject({ status: 404 });
    const first = await ask(HOST, '/');
    expect(first).toMatchObject({
      ...{ status: 404, body: expect.stringContaining('NoSuchWebsiteConfiguration') },
    });
    await expect(s3.send(new GetBucketWebsiteCommand({ Bucket: 'site' }))).rejects.toMatchObject({
      name: 'NoSuchWebsiteConfiguration',
    });
    await configure(website);
    expect(await s3.send(new GetBucketWebsiteCommand({ Bucket: 'site' }))).toMatchObject(website);
    expect(await ask(HOST, '/')).toMatchObject({ status: 403 });
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: 'site',
        PublicAccessBlockConfiguration: { BlockPublicPolicy: false, RestrictPublicBuckets: false },
      }),
    );
    await allow('s3:GetObject', 's3:ListBucket');
    expect(await ask(HOST, '/')).toMatchObject({ status: 200 });
  });

  test('serves index documents, with what their objects say', async () => {
    const home = await ask(HOST, '/');
    expect(home).toMatchObject({ status: 200, body: '<h1>home</h1>' });
    expect(home.headers).toMatchObject({
      ...{ 'content-type': 'text/html', 'cache-control': 'max-age=5', 'content-length': '13' },
      'x-content-type-options': 'nosniff',
    });
    // A page of a host of its own may run its scripts.
    expect(home.headers['content-security-policy']).toBeUndefined();
    const region = `site.s3-website-${server.region}.localhost`;
    expect((await ask(region, '/deep/')).body).toBe('deep');
    expect(await ask(HOST, '/deep')).toMatchObject({
      ...{ status: 302, headers: { location: '/deep/' } },
    });
    expect(await ask(HOST, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    const etag = String(home.headers.etag);
    expect((await ask(HOST, '/', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(await ask(HOST, '/', { headers: { range: 'bytes=4-7' } })).toMatchObject({
      ...{ status: 206, body: 'home' },
    });
    expect(await ask(HOST, '/old')).toMatchObject({ status: 301, headers: { location: '/new' } });
  });

  test('errors have the bucket’s page; what is not there is told to those who may list', async () => {
    expect(await ask(HOST, '/none')).toMatchObject({ status: 404, body: 'oops' });
    await allow('s3:GetObject');
    expect(await ask(HOST, '/none')).toMatchObject({ status: 403, body: 'oops' });
    await allow('s3:GetObject', 's3:ListBucket');
    await configure({ IndexDocument: { Suffix: 'index.html' } });
    expect(await ask(HOST, '/none')).toMatchObject({
      ...{ status: 404, body: expect.stringContaining('NoSuchKey') },
    });
    expect((await ask(HOST, '/%')).status).toBe(400);
  });

  test('redirects by rules, or everything', async () => {
    await configure({
      IndexDocument: { Suffix: 'index.html' },
      RoutingRules: [
        { Condition: { KeyPrefixEquals: 'a/' }, Redirect: { ReplaceKeyPrefixWith: 'b/' } },
        {
          Condition: { HttpErrorCodeReturnedEquals: '404' },
          Redirect: { ReplaceKeyWith: 'index.html', HttpRedirectCode: '302' },
        },
      ],
    });
    expect(await ask(HOST, '/a/x')).toMatchObject({
      ...{ status: 301, headers: { location: `http://${HOST}/b/x` } },
    });
    expect(await ask(HOST, '/none')).toMatchObject({
      ...{ status: 302, headers: { location: `http://${HOST}/index.html` } },
    });
    await configure({ RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' } });
    expect(await ask(HOST, '/x?y=1')).toMatchObject({
      ...{ status: 301, headers: { location: 'https://example.com/x?y=1' } },
    });
    await configure(website);
  });

  test('nothing of the server is at that host, and any page may lead there', async () => {
    const origin = `http://${HOST}`;
    // A page of the website's own: to the browser it is at home there.
    const own = { origin, 'sec-fetch-site': 'same-origin' };
    const write = { method: 'PUT', headers: own, body: 'x' };
    expect((await ask(HOST, '/index.html', write)).status).toBe(405);
    for (const path of ['/_slipway/reset', '/?delete', '/'])
      expect((await ask(HOST, path, { method: 'POST', headers: own })).status).toBe(405);
    const target = { 'x-amz-target': 'CodePipeline_20150709.ListPipelines' };
    expect((await ask(HOST, '/', { method: 'POST', headers: { ...own, ...target } })).status).toBe(
      405,
    );
    expect((await ask(HOST, '/_slipway/health')).body).toBe('oops');
    const elsewhere = { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } };
    expect((await ask(HOST, '/', elsewhere)).status).toBe(200);
    // But the website's pages may not call the server.
    const { host } = new URL(server.endpoint);
    expect((await ask(host, '/', { method: 'POST', headers: { origin, ...target } })).status).toBe(
      403,
    );
  });

  test('can be taken away', async () => {
    await s3.send(new DeleteBucketWebsiteCommand({ Bucket: 'site' }));
    expect((await ask(HOST, '/')).status).toBe(404);
  });
});
