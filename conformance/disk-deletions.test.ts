import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateGrantCommand,
  CreateKeyCommand,
  KMSClient,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../src/executors/small-disk.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const disk = mountSmallDisk(64);

describe.skipIf(disk === undefined)('a full disk', () => {
  const root = disk ?? '';
  const dataDir = join(root, 'data');
  let server: TestServer;
  beforeAll(async () => {
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
    server = await startServer({ dataDir });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    if (disk) unmountSmallDisk(disk);
  });

  const answer = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      ({ name, $metadata }) => `${name} ${$metadata?.httpStatusCode}`,
    );

  test('DeleteObjects says key by key what was done; rights can be taken away, and versioning suspended', {
    timeout: 60_000,
  }, async () => {
    const client = { ...server.client, maxAttempts: 1 };
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const iam = new IAMClient(client);
    const refused = () =>
      eventually('a refusal', async () => {
        const UserName = `u${Math.random().toString(36).slice(2)}`;
        return (await answer(iam.send(new CreateUserCommand({ UserName })))) !== 'done';
      });
    const Bucket = 'mixed';
    const versioning = (Status: 'Enabled' | 'Suspended') =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await versioning('Enabled');
    const kms = new KMSClient(client);
    const { KeyMetadata: { KeyId = '' } = {} } = await kms.send(new CreateKeyCommand({}));
    const GranteePrincipal = `arn:aws:iam::${server.accountId}:root`;
    const grant = { KeyId, GranteePrincipal, Operations: ['Decrypt' as const] };
    const { GrantId } = await kms.send(new CreateGrantCommand(grant));
    const old = await s3.send(new PutObjectCommand({ Bucket, Key: 'old', Body: 'x' }));
    const makeRoom = fillDisk(root);
    await refused();
    const hidden = Array.from({ length: 70 }, (_, count) => ({ Key: `hidden-${count}` }));
    const Objects = [...hidden, { Key: 'old', VersionId: old.VersionId }];
    const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(deleted.Deleted).toEqual([{ Key: 'old', VersionId: old.VersionId }]);
    expect(deleted.Errors?.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual(
      hidden.map(({ Key }) => `${Key} ServiceUnavailable`),
    );
    expect(await answer(versioning('Enabled'))).toBe('ServiceUnavailable 503');
    expect(await answer(versioning('Suspended'))).toBe('done');
    expect(await answer(kms.send(new RevokeGrantCommand({ KeyId, GrantId })))).toBe('done');
    expect(await answer(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toBe('done');
    makeRoom();
  });
});
