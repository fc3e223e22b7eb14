import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodePipelineClient, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import { aws, noAws } from './aws.ts';
import { succeed } from './run.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** A signed request of any date, as no SDK would send it. */
async function send(
  service: 'codepipeline' | 'iam' | 's3',
  { at = new Date(), key = server as Key, tamper = (body: string) => body } = {},
): Promise<{ status: number; text: string }> {
  const { host, hostname, port } = new URL(server.endpoint);
  const json = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'CodePipeline_20150709.ListPipelines',
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const s3 = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const body = { codepipeline: '{}', iam: 'Action=ListUsers&Version=2010-05-08', s3: '' }[service];
  const request = {
    method: service === 's3' ? 'GET' : 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: { host, ...{ codepipeline: json, iam: form, s3 }[service] },
    body,
  };
  const signer = sdkSigner(service, { ...key, status: 'Active', principal: undefined as never });
  const signed = await signer.sign(request, { signingDate: at });
  const { host: _, ...headers } = signed.headers;
  const sent = service === 's3' ? undefined : tamper(body);
  const response = await fetch(`${server.endpoint}/`, {
    method: request.method,
    headers,
    body: sent,
  });
  return { status: response.status, text: await response.text() };
}

const code = ({ status, text }: { status: number; text: string }) =>
  `${status} ${/<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? JSON.parse(text).__type?.split('#').at(-1)}`;

const minutesAgo = (n: number) => new Date(Date.now() - n * 60_000);

describe("what is refused, in AWS's codes", () => {
  it('a right signature is not', async () => {
    for (const service of ['codepipeline', 'iam', 's3'] as const)
      expect((await send(service)).status).toBe(200);
  });

  it.each([
    ['codepipeline', '400 InvalidSignatureException'],
    ['iam', '403 SignatureDoesNotMatch'],
    ['s3', '403 SignatureDoesNotMatch'],
  ] as const)('a wrong secret at %s', async (service, expected) => {
    const key = { accessKeyId: server.accessKeyId, secretAccessKey: 'wrong' };
    expect(code(await send(service, { key }))).toBe(expected);
  });

  it.each([
    ['codepipeline', '400 InvalidSignatureException'],
    ['iam', '403 SignatureDoesNotMatch'],
  ] as const)('a body that was changed on the way to %s', async (service, expected) => {
    const tamper = (body: string) => body.replace(/.$/, (last) => ` ${last}`);
    expect(code(await send(service, { tamper }))).toBe(expected);
  });

  it.each([
    ['codepipeline', '400 UnrecognizedClientException'],
    ['iam', '403 InvalidClientTokenId'],
    ['s3', '403 InvalidAccessKeyId'],
  ] as const)('an unknown key at %s', async (service, expected) => {
    const key = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: server.secretAccessKey };
    expect(code(await send(service, { key }))).toBe(expected);
  });

  it.each([
    [
      'codepipeline',
      '400 InvalidSignatureException',
      /Signature expired: \d{8}T\d{6}Z is now earlier than/,
    ],
    ['iam', '403 SignatureDoesNotMatch', /Signature expired: .* - 15 min\.\)/],
    [
      's3',
      '403 RequestTimeTooSkewed',
      /The difference between the request time and the current time is too large\./,
    ],
  ] as const)('a replayed date at %s', async (service, expected, message) => {
    const answer = await send(service, { at: minutesAgo(16) });
    expect(code(answer)).toBe(expected);
    expect(answer.text).toMatch(message);
    expect((await send(service, { at: minutesAgo(14) })).status).toBe(200);
  });

  it.each([
    ['codepipeline', '400 MissingAuthenticationTokenException'],
    ['s3', '403 AccessDenied'],
  ] as const)('an unsigned call to %s', async (service, expected) => {
    const target = { 'x-amz-target': 'CodePipeline_20150709.ListPipelines' };
    const response =
      service === 's3'
        ? await fetch(`${server.endpoint}/bucket/key`)
        : await fetch(server.endpoint, { method: 'POST', headers: target, body: '{}' });
    expect(code({ status: response.status, text: await response.text() })).toBe(expected);
  });

  it('a session token of another key, a changed one, and the temporary key without it', async () => {
    const sts = new STSClient(server.client);
    const { Credentials: one } = await sts.send(new GetSessionTokenCommand({}));
    const { Credentials: two } = await sts.send(new GetSessionTokenCommand({}));
    const key = {
      accessKeyId: one?.AccessKeyId ?? '',
      secretAccessKey: one?.SecretAccessKey ?? '',
    };
    const token = one?.SessionToken ?? '';
    expect((await send('codepipeline', { key: { ...key, sessionToken: token } })).status).toBe(200);
    const wrong = '400 UnrecognizedClientException';
    const changed = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`;
    for (const sessionToken of [two?.SessionToken, changed])
      expect(code(await send('codepipeline', { key: { ...key, sessionToken } }))).toBe(wrong);
    expect(code(await send('codepipeline', { key }))).toBe(wrong);
  });
});

describe('presigned URLs', () => {
  beforeAll(async () => {
    const s3 = new S3Client({ ...server.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'presigned' }));
    await s3.send(new PutObjectCommand({ Bucket: 'presigned', Key: 'a key', Body: 'hello' }));
  });

  async function url(at: Date, expiresIn: number): Promise<string> {
    const { host, hostname } = new URL(server.endpoint);
    const headers = { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname,
      path: '/presigned/a%20key',
      query: {},
      headers,
    };
    const signer = sdkSigner('s3', {
      ...(server as Key),
      status: 'Active',
      principal: undefined as never,
    });
    const signed = await signer.presign(request, { signingDate: at, expiresIn });
    const query = signed.query as Record<string, string>;
    return `${server.endpoint}/presigned/a%20key?${new URLSearchParams(query)}`;
  }
  const get = async (address: string) => {
    const response = await fetch(address);
    return { status: response.status, text: await response.text() };
  };

  it('open what they were made for', async () => {
    expect(await get(await url(minutesAgo(30), 3600))).toEqual({ status: 200, text: 'hello' });
  });

  it('and nothing else, and not for ever', async () => {
    const good = await url(new Date(), 3600);
    expect(code(await get(good.replace('a%20key', 'b%20key')))).toBe('403 SignatureDoesNotMatch');
    expect(code(await get(good.replace('3600', '3601')))).toBe('403 SignatureDoesNotMatch');
    const late = await get(await url(minutesAgo(2), 60));
    expect(code(late)).toBe('403 AccessDenied');
    expect(late.text).toContain('<Message>Request has expired</Message>');
  });

  it.skipIf(noAws)('of the aws command open too', async () => {
    const args = ['--endpoint-url', server.endpoint, 's3', 'presign', 's3://presigned/a key'];
    const address = (await succeed('aws', args, { env: server.env })).trim();
    expect(await get(address)).toEqual({ status: 200, text: 'hello' });
    expect(code(await get(address.replace('a%20key', 'b%20key')))).toBe(
      '403 SignatureDoesNotMatch',
    );
  });
});

it('streams are verified chunk by chunk, with their checksum', async () => {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  const Bucket = 'chunked';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const file = join(server.dataDir, 'upload');
  writeFileSync(file, 'x'.repeat(300_000));
  const Body = createReadStream(file);
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'k',
      Body,
      ContentLength: 300_000,
      ChecksumAlgorithm: 'CRC64NVME',
    }),
  );
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  expect((await got.Body?.transformToString())?.length).toBe(300_000);
  const wrong = new PutObjectCommand({
    Bucket,
    Key: 'w',
    Body: 'x',
    ChecksumSHA256: Buffer.alloc(32).toString('base64'),
  });
  await expect(s3.send(wrong)).rejects.toMatchObject({ name: 'BadDigest' });
});

it.skipIf(noAws)('the aws command signs as we read it', async () => {
  expect(await aws(server)`sts get-caller-identity`).toMatchObject({
    Account: server.accountId,
  });
});

it('the root key is kept for its owner only', () => {
  const kept = JSON.parse(readFileSync(join(server.dataDir, 'root.json'), 'utf8'));
  expect(kept.accessKeyId).toBe(server.accessKeyId);
});

describe('relaxed mode', () => {
  let relaxed: TestServer;
  beforeAll(async () => {
    relaxed = await startServer({ flags: ['--auth', 'relaxed'] });
  });
  afterAll(async () => {
    expect(await relaxed.stop()).toBe(0);
  });
  const as = (accessKeyId: string) => ({
    ...relaxed.client,
    credentials: { accessKeyId, secretAccessKey: 'any' },
  });

  it('takes any signature, and twelve digits for an account', async () => {
    const who = async (id: string) =>
      (await new STSClient(as(id)).send(new GetCallerIdentityCommand({}))).Arn;
    expect(await who('123456789012')).toBe('arn:aws:iam::123456789012:root');
    expect(await who('test')).toBe('arn:aws:iam::000000000000:root');
  });

  it('accounts see neither each other nor through pagination tokens of the other', async () => {
    const [one, two] = [new IAMClient(as('111111111111')), new IAMClient(as('222222222222'))];
    for (const UserName of ['a', 'b', 'c']) await one.send(new CreateUserCommand({ UserName }));
    const { Marker } = await one.send(new ListUsersCommand({ MaxItems: 1 }));
    expect(Marker).toBeDefined();
    await expect(two.send(new ListUsersCommand({ Marker }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    expect((await two.send(new ListUsersCommand({}))).Users).toEqual([]);
    const rest = await one.send(new ListUsersCommand({ Marker }));
    expect(rest.Users?.map((user) => user.UserName)).toEqual(['b', 'c']);
    const forged = new ListPipelinesCommand({ nextToken: Marker });
    await expect(new CodePipelineClient(as('111111111111')).send(forged)).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
    await expect(
      new S3Client({ ...as('111111111111'), forcePathStyle: true }).send(
        new ListBucketsCommand({}),
      ),
    ).resolves.toMatchObject({ Buckets: [] });
  });
});
