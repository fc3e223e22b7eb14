import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
} from '@aws-sdk/client-codecommit';
import { CreateUserCommand, DeleteUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../src/executors/small-disk.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const MIB = 1024 * 1024;
const TIMEOUT = { timeout: 120_000 };
const disk = mountSmallDisk(64);

describe.skipIf(disk === undefined)('what an operator frees a full disk with', () => {
  const root = disk ?? '';
  const dataDir = join(root, 'data');
  const reserve = () => statSync(join(dataDir, 'reserve'));
  let server: TestServer;
  let s3: S3Client;
  let logs: CloudWatchLogsClient;
  let iam: IAMClient;
  let codecommit: CodeCommitClient;

  beforeAll(async () => {
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
    server = await startServer({ dataDir });
    const client = { ...server.client, maxAttempts: 1 };
    s3 = new S3Client({ ...client, forcePathStyle: true });
    logs = new CloudWatchLogsClient(client);
    iam = new IAMClient(client);
    codecommit = new CodeCommitClient(client);
    await s3.send(new CreateBucketCommand({ Bucket: 'full' }));
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    if (disk) unmountSmallDisk(disk);
  });

  const put = (Key: string, size: number) =>
    s3.send(new PutObjectCommand({ Bucket: 'full', Key, Body: randomBytes(size) }));
  const answer = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      ({ name, $metadata }) => `${name} ${$metadata?.httpStatusCode}`,
    );
  const logName = { logGroupName: 'full' };
  const putEvents = () => {
    const message = randomBytes(500).toString('hex');
    const logEvents = Array.from({ length: 900 }, () => ({ timestamp: Date.now(), message }));
    return logs.send(new PutLogEventsCommand({ ...logName, logStreamName: 's', logEvents }));
  };
  /** Until not one small change of the database finds room. */
  const refused = () =>
    eventually('a refusal', async () => {
      const UserName = `u${Math.random().toString(36).slice(2)}`;
      return (await answer(iam.send(new CreateUserCommand({ UserName })))) !== 'done';
    });

  test(
    'is not what hides objects behind delete markers, which only add to the disk',
    TIMEOUT,
    async () => {
      const Bucket = 'versions';
      await s3.send(new CreateBucketCommand({ Bucket }));
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      const Body = randomBytes(MIB);
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'old', Body }));
      const makeRoom = fillDisk(root);
      await refused();
      const hide = (call: number) => {
        const keyOf = (_: unknown, count: number) => ({
          Key: `${'x'.repeat(900)}${call}-${count}`,
        });
        const Objects = Array.from({ length: 1000 }, keyOf);
        return s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      };
      for (let call = 0; call < 20; call += 1)
        expect(await answer(hide(call))).toBe('ServiceUnavailable 503');
      expect(await answer(s3.send(new DeleteObjectCommand({ Bucket, Key: 'old' })))).toBe(
        'ServiceUnavailable 503',
      );
      await server.kill();
      await server.restart();
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'old', VersionId }));
      makeRoom();
      await eventually('room', async () => (await answer(put('again', MIB))) === 'done');
      const { DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      expect(DeleteMarkers).toBeUndefined();
    },
  );

  test('is let through, and what takes room is not, until there is some', TIMEOUT, async () => {
    for (const key of ['a', 'b', 'c', 'kept']) await put(key, 4 * MIB);
    for (let count = 0; count < 20; count += 1) await put(`small-${count}`, 20_000);
    await logs.send(new CreateLogGroupCommand(logName));
    await logs.send(new CreateLogStreamCommand({ ...logName, logStreamName: 's' }));
    for (let count = 0; count < 4; count += 1) await putEvents();
    await iam.send(new CreateUserCommand({ UserName: 'old' }));
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'old' }));
    const before = reserve();
    expect(before.blocks * 512).toBe(8 * MIB);

    const makeRoom = fillDisk(root);
    await refused();
    const deletions: Record<string, () => Promise<unknown>> = {
      user: () => iam.send(new DeleteUserCommand({ UserName: 'old' })),
      repository: () => codecommit.send(new DeleteRepositoryCommand({ repositoryName: 'old' })),
      group: () => logs.send(new DeleteLogGroupCommand(logName)),
      small: () => {
        const Objects = Array.from({ length: 20 }, (_, count) => ({ Key: `small-${count}` }));
        return s3.send(new DeleteObjectsCommand({ Bucket: 'full', Delete: { Objects } }));
      },
    };
    for (const [name, deletion] of Object.entries(deletions))
      expect([name, await answer(deletion())]).toEqual([name, 'done']);
    // The reserve is for deletions alone, whether it has been given back or not: others get what was freed besides, at most.
    const answers: string[] = [];
    for (let count = 0; count < 20; count += 1)
      answers.push(await answer(put(`x${count}`, 1000)), await answer(put(`y${count}`, MIB)));
    expect(answers.filter((each) => each !== 'done' && each !== 'ServiceUnavailable 503')).toEqual(
      [],
    );
    expect(answers.filter((each, at) => at % 2 === 1 && each === 'done').length).toBeLessThan(5);
    await s3.send(new GetObjectCommand({ Bucket: 'full', Key: 'kept' }));
    for (const Key of ['a', 'b', 'c'])
      await s3.send(new DeleteObjectCommand({ Bucket: 'full', Key }));
    // Their files go at once and not when readers have had their time.
    await eventually('room', async () => (await answer(put('after', MIB))) === 'done');
    expect(reserve().blocks).toBe(before.blocks);
    makeRoom();
    await put('at last', MIB);
  });

  test('can be done with a server that was down', TIMEOUT, async () => {
    await put('big', 6 * MIB);
    await server.kill();
    const makeRoom = fillDisk(root);
    await server.restart();
    await refused();
    await server.kill();
    // Its reserve has been given back already.
    await server.restart();
    expect(await answer(put('new', MIB))).toBe('ServiceUnavailable 503');
    for (const Key of ['kept', 'after', 'at last', 'big'])
      await s3.send(new DeleteObjectCommand({ Bucket: 'full', Key }));
    await eventually('room', async () => (await answer(put('new', MIB))) === 'done');
    expect(reserve().blocks * 512).toBe(8 * MIB);
    makeRoom();
  });

  test(
    'reaches the file system: what log events took in the database is given back',
    TIMEOUT,
    async () => {
      await logs.send(new CreateLogGroupCommand(logName));
      await logs.send(new CreateLogStreamCommand({ ...logName, logStreamName: 's' }));
      const file = join(dataDir, 'slipway.db');
      const message = () => randomBytes(500).toString('hex');
      const logEvents = () =>
        Array.from({ length: 900 }, () => ({ timestamp: Date.now(), message: message() }));
      await eventually('a full disk', async () => {
        const events = { ...logName, logStreamName: 's', logEvents: logEvents() };
        return (await answer(logs.send(new PutLogEventsCommand(events)))) !== 'done';
      });
      const { size } = statSync(file);
      await logs.send(new DeleteLogGroupCommand(logName));
      await eventually('room', async () => (await answer(put('end', MIB))) === 'done');
      expect(statSync(file).size).toBeLessThan(size - 8 * MIB);
    },
  );
});
