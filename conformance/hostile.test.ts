import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
});

const post = (headers: Record<string, string>, body = '{}') =>
  fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
    body,
  });

test('an unsigned call is refused with AWS’s code', async () => {
  const response = await post({ 'x-amz-target': 'CodePipeline_20150709.ListPipelines' });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { __type: string }).__type).toBe(
    'MissingAuthenticationTokenException',
  );
});

test('a signature of an unknown key is refused with AWS’s code', async () => {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const response = await post({
    'x-amz-target': 'CodePipeline_20150709.ListPipelines',
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=AKIANOSUCHKEY0000000/${date.slice(0, 8)}/us-east-1/codepipeline/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
  });
  expect(((await response.json()) as { __type: string }).__type).toBe(
    'UnrecognizedClientException',
  );
});

test('an unknown operation is UnknownOperationException, never a 5xx', async () => {
  const response = await post({ 'x-amz-target': 'CodePipeline_20150709.NoSuchThing' });
  expect(response.status).toBeLessThan(500);
});

test.each([
  [
    'a target',
    '/',
    { 'x-amz-target': 'AWSCognitoIdentityService.GetId' },
    'AWSCognitoIdentityService',
  ],
  ['a path', '/client/register', { 'content-type': 'application/json' }, 'sso-oidc'],
  ['a path that nobody knows', '/x', { 'content-type': 'application/json' }, 'of POST /x'],
  ['the token of a portal', '/logout', { 'x-amz-sso_bearer_token': 'x' }, 'sso'],
  ['a bearer', '/v1/spaces', { authorization: 'Bearer x' }, 'of POST /v1/spaces'],
])(
  'an unsigned call of a service that is not here is named in a 501, in JSON, by %s',
  async (_by, path, headers, name) => {
    const response = await fetch(server.endpoint + path, { method: 'POST', headers, body: '{}' });
    expect([response.status, await response.json()]).toEqual([
      501,
      expect.objectContaining({
        __type: 'NotImplemented',
        message: `Slipway does not support the service ${name} yet.`,
      }),
    ]);
  },
);

test.each([
  ['cloudformation', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['lambda', { 'content-type': 'text/plain' }],
  ['ecr', { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories' }],
])('a service that is not here is named in a 501: %s', async (service, headers) => {
  const scope = `AKIA/20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const response = await post({ ...headers, authorization });
  expect(response.status).toBe(501);
  expect(response.headers.get('x-amzn-errortype')).toBe('NotImplemented');
  expect(await response.text()).toContain(`Slipway does not support the service ${service} yet.`);
});

test('an unsigned call of a service that is not here is refused as one, in its protocol', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const describe = 'Action=DescribeStacks&Version=2010-05-15&StackName=x';
  const response = await post(form, describe);
  expect(response.status).toBe(501);
  expect(await response.text()).toMatch(
    /<ErrorResponse xmlns="http.+<Code>NotImplemented<.+DescribeStacks .+2010-05-15/,
  );
  const nobodys = await post(form, 'Action=NoSuchThing');
  expect([nobodys.status, await nobodys.text()]).toEqual([
    400,
    expect.stringContaining('<Code>InvalidAction</Code>'),
  ]);
});

test.each([
  ['garbage', 'GARBAGE\r\n\r\n'],
  ['a version of HTTP that there is not', 'GET / HTTP/9.9\r\n\r\n'],
  ['a header without an end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`],
  [
    'a percent escape that is none',
    'GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ],
  [
    'a bucket with a percent escape that is none',
    'GET /b/%E0%A4%A HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ],
])('%s gets a 4xx or is cut off, and the server goes on', async (_name, bytes) => {
  const answer = await raw(bytes);
  expect(answer === '' || /^HTTP\/1\.1 4\d\d/.test(answer)).toBe(true);
  expect((await fetch(`${server.endpoint}/_slipway/health`)).status).toBe(200);
});

test('health answers where LocalStack’s does, too', async () => {
  const response = await fetch(`${server.endpoint}/_localstack/health`);
  expect(await response.json()).toMatchObject({ status: 'running' });
});

/** What the server answers to raw bytes, until it closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
}
