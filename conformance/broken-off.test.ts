import { connect } from 'node:net';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packet } from '../src/git/pkt-line.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

// Clients that go away in the middle of what they send: no fault of the server's, wherever it was read.

const Bucket = 'broken';
let server: TestServer;
let upload = '';

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed', '--log-level', 'debug'] });
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'x' }));
  const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  upload = begun.UploadId ?? '';
  await new CodeCommitClient(server.client).send(
    new CreateRepositoryCommand({ repositoryName: 'broken' }),
  );
}, 60_000);
afterAll(() => server?.stop());

interface Logged {
  level: number;
  msg: string;
  operation?: string;
  errorCode?: string;
  requestId?: string;
}

const logged = (): Logged[] =>
  server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const signed = (service: string, more: Record<string, string> = {}) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${server.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  ...more,
});

/** Sends the head and the beginning of a body that is announced as longer, and goes. */
function breakOff(target: string, headers: Record<string, string>, body: string | Buffer): void {
  const { hostname, port, host } = new URL(server.endpoint);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(port), hostname);
  socket.write(`${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  // Once it is with the server: a reset may come before what was sent.
  socket.write(body, () => socket.destroy());
}

const chunked = { 'transfer-encoding': 'chunked' };
const long = { 'content-length': '1000000' };
const streaming = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-decoded-content-length': '900000',
};
const checked = { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') };
const half = 'x'.repeat(200_000);
const halfChunk = `100000\r\n${half}`;
const one = '1'.repeat(40);
const push = packet(`${'0'.repeat(40)} ${one} refs/heads/new\0 report-status`);

test.each<[string, string, string, () => Record<string, string>, string | Buffer]>([
  [
    'a call in JSON',
    'POST /',
    'unknown',
    () => signed('codebuild', { 'x-amz-target': 'CodeBuild_20161006.ListProjects', ...chunked }),
    '10\r\n{',
  ],
  [
    'a form without a signature',
    'POST /',
    'unknown',
    () => ({ 'content-type': 'application/x-www-form-urlencoded', ...chunked }),
    '10\r\nAction',
  ],
  ['an object', 'PUT /broken/key', 'PutObject', () => signed('s3', long), half],
  ['a chunked object', 'PUT /broken/key', 'PutObject', () => signed('s3', chunked), halfChunk],
  ['a small object', 'PUT /broken/key', 'PutObject', () => signed('s3', long), 'x'],
  [
    'a checked object',
    'PUT /broken/key',
    'PutObject',
    () => signed('s3', { ...long, ...checked }),
    half,
  ],
  [
    'an aws-chunked object',
    'PUT /broken/key',
    'PutObject',
    () => signed('s3', { ...long, ...streaming }),
    halfChunk,
  ],
  [
    'a part',
    'PUT /broken/parts?partNumber=1&uploadId=UPLOAD',
    'UploadPart',
    () => signed('s3', long),
    half,
  ],
  [
    'an aws-chunked part',
    'PUT /broken/parts?partNumber=1&uploadId=UPLOAD',
    'UploadPart',
    () => signed('s3', { ...long, ...streaming }),
    halfChunk,
  ],
  [
    'the head of a form upload',
    'POST /broken',
    'unknown',
    () => ({ 'content-type': 'multipart/form-data; boundary=b', ...long }),
    '--b\r\n',
  ],
  [
    'the file of a form upload',
    'POST /broken',
    'PutObject',
    () => ({ 'content-type': 'multipart/form-data; boundary=b', ...long }),
    `--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n${half}`,
  ],
  [
    'the commands of a push',
    'POST /v1/repos/broken/git-receive-pack',
    'GitPush',
    () => ({ ...basic(), 'content-type': 'application/x-git-receive-pack-request', ...long }),
    '00',
  ],
  [
    'the pack of a push',
    'POST /v1/repos/broken/git-receive-pack',
    'GitPush',
    () => ({ ...basic(), 'content-type': 'application/x-git-receive-pack-request', ...long }),
    Buffer.concat([push, Buffer.from('0000PACK'), Buffer.alloc(100_000)]),
  ],
  [
    'a compressed push',
    'POST /v1/repos/broken/git-receive-pack',
    'GitPush',
    () => ({
      ...basic(),
      'content-type': 'application/x-git-receive-pack-request',
      'content-encoding': 'gzip',
      ...long,
    }),
    Buffer.from([0x1f, 0x8b, 8]),
  ],
])('%s', async (_what, target, operation, headers, body) => {
  const before = logged().length;
  breakOff(target.replace('UPLOAD', upload), headers(), body);
  const since = await eventually(`${operation} in the log`, async () => {
    const lines = logged().slice(before);
    return lines.some((line) => line.msg === 'call') && lines;
  });
  expect(since.filter(({ level }) => level > 20)).toEqual([]);
  expect(since.at(-1)).toMatchObject({ operation });
  expect(server.log()).not.toContain('could not be written');
});

const basic = () => ({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` });
