import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  ListRepositoriesCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../src/executors/small-disk.ts';
import { startServer, type TestServer } from './server.ts';

const MIB = 1024 * 1024;

const disk = mountSmallDisk(16);

describe.skipIf(disk === undefined)('a full disk', () => {
  const root = disk ?? '';
  const dataDir = join(root, 'data');
  let server: TestServer;

  beforeAll(async () => {
    mkdirSync(dataDir, { mode: 0o755 });
    chmodSync(dataDir, 0o755);
    server = await startServer({ dataDir });
  });
  afterAll(async () => {
    await server?.stop();
    if (disk) unmountSmallDisk(disk);
  });

  it('answers 503 with a code that is tried again, says so once, and goes on when there is room', {
    timeout: 120_000,
  }, async () => {
    const client = { ...server.client, maxAttempts: 1 };
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const codecommit = new CodeCommitClient(client);
    await s3.send(new CreateBucketCommand({ Bucket: 'full' }));
    await s3.send(new PutObjectCommand({ Bucket: 'full', Key: 'before', Body: 'kept' }));
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    const blobs = () =>
      readdirSync(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();
    const stored = blobs();

    const makeRoom = fillDisk(root);
    const Body = Buffer.alloc(3 * MIB, 7);
    // What SQLite can still take into its log is little, and a small call may fit.
    const big = 'x'.repeat(4000);
    const writes: Record<string, () => Promise<unknown>> = {
      s3: () => s3.send(new PutObjectCommand({ Bucket: 'full', Key: 'new', Body })),
      ssm: () =>
        new SSMClient(client).send(
          new PutParameterCommand({ Name: '/full', Value: big, Type: 'String' }),
        ),
      iam: () => new IAMClient(client).send(new CreateUserCommand({ UserName: 'full' })),
      logs: () =>
        new CloudWatchLogsClient(client).send(new CreateLogGroupCommand({ logGroupName: 'full' })),
      repository: () => codecommit.send(new CreateRepositoryCommand({ repositoryName: 'other' })),
      file: () =>
        codecommit.send(
          new PutFileCommand({
            ...{ repositoryName: 'app', branchName: 'main', filePath: 'a' },
            fileContent: Buffer.alloc(MIB, 'text'),
          }),
        ),
    };
    for (let round = 0; round < 3; round += 1) await writes.ssm?.().catch(() => {});
    const answers: Record<string, string> = {};
    for (const [name, write] of Object.entries(writes)) {
      const { error } = await write().then(
        () => ({ error: undefined }),
        (caught) => ({ error: caught }),
      );
      answers[name] = `${error?.name} ${error?.$metadata?.httpStatusCode}`;
    }
    expect(answers).toEqual({
      ...{ s3: 'ServiceUnavailable 503', ssm: 'ServiceUnavailable 503' },
      ...{ iam: 'ServiceUnavailable 503', logs: 'ServiceUnavailableException 503' },
      ...{ repository: 'ServiceUnavailable 503', file: 'ServiceUnavailable 503' },
    });
    expect(blobs()).toEqual(stored);
    // Reading goes on.
    const kept = await s3.send(new GetObjectCommand({ Bucket: 'full', Key: 'before' }));
    expect(await kept.Body?.transformToString()).toBe('kept');
    expect((await codecommit.send(new ListRepositoriesCommand({}))).repositories).toHaveLength(1);

    makeRoom();
    for (const write of Object.values(writes)) await write();
    expect(server.log().match(/disk is full:/g)).toHaveLength(1);
    expect(
      server
        .log()
        .split('\n')
        .filter((line) => line.trim() !== ''),
    ).toHaveLength(1);
  });

  it('without a reserve is said in a sentence at a start, with a new data directory and with a used one', async () => {
    await server.stop();
    rmSync(join(dataDir, 'reserve'));
    const makeRoom = fillDisk(root);
    for (const data of [dataDir, join(root, 'new')]) {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['src/main.ts', 'up', '--port', '0', '--data', data, '--executor', 'process'],
        { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' },
      );
      expect(stderr).toBe(
        `slipway: The disk is full: nothing can be written under ${data}. Free some space and start again.\n`,
      );
      expect(status).toBe(1);
    }
    makeRoom();
  });
});
