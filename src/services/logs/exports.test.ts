import { gunzipSync } from 'node:zlib';
import {
  CancelExportTaskCommand,
  CloudWatchLogsClient,
  CreateExportTaskCommand,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeExportTasksCommand,
  ListLogGroupsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
// A test may look at both sides.
import s3Service from '../s3/index.ts';
import service from './index.ts';

const GROUP = '/app/web';

eachDialect('exports of logs', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;
  let s3: S3Client;
  let now: number;

  beforeEach(async () => {
    server = await world(makeDatabase, [service, s3Service]);
    logs = server.client(CloudWatchLogsClient);
    s3 = server.client(S3Client);
    now = server.clock.now().getTime();
    await s3.send(new CreateBucketCommand({ Bucket: 'exported' }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    for (const logStreamName of ['web/1', 'db']) {
      const at = { logGroupName: GROUP, logStreamName };
      await logs.send(new CreateLogStreamCommand(at));
      const logEvents = [0, 1, 2].map((i) => ({ timestamp: now + i, message: `line ${i}` }));
      await logs.send(new PutLogEventsCommand({ ...at, logEvents }));
    }
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const letIn = () => {
    const Principal = { Service: 'logs.eu-west-1.amazonaws.com' };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal,
          Action: 's3:GetBucketAcl',
          Resource: 'arn:aws:s3:::exported',
        },
        { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: 'arn:aws:s3:::exported/*' },
      ],
    });
    return s3.send(new PutBucketPolicyCommand({ Bucket: 'exported', Policy }));
  };
  const create = (more: object = {}) =>
    logs.send(
      new CreateExportTaskCommand({
        ...{ logGroupName: GROUP, from: now, to: now + 1, destination: 'exported' },
        ...{ destinationPrefix: 'p', ...more },
      }),
    );
  const describe = async (input: object = {}) =>
    (await logs.send(new DescribeExportTasksCommand(input))).exportTasks;

  it('write the lines of each stream, compressed, where the policy lets the service', async () => {
    await expect(create()).rejects.toThrow(
      'GetBucketAcl call on the given bucket failed. Please check if CloudWatch Logs has been granted permission',
    );
    await letIn();
    const { taskId } = await create({ taskName: 'nightly' });
    await expect(create()).rejects.toMatchObject({ name: 'LimitExceededException' });
    await server.runDue();
    expect(await describe()).toEqual([
      {
        ...{ taskId, taskName: 'nightly', logGroupName: GROUP, from: now, to: now + 1 },
        ...{ destination: 'exported', destinationPrefix: 'p' },
        status: { code: 'COMPLETED', message: 'Completed successfully' },
        executionInfo: { creationTime: now, completionTime: now },
      },
    ]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'exported' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(
      [`p/${taskId}/db/000000.gz`, `p/${taskId}/web-1/000000.gz`, 'p/aws-logs-write-test'].sort(),
    );
    const Key = `p/${taskId}/web-1/000000.gz`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'exported', Key }));
    const time = (i: number) => new Date(now + i).toISOString();
    expect(gunzipSync((await Body?.transformToByteArray()) ?? '').toString()).toBe(
      `${time(0)} line 0\n${time(1)} line 1\n`,
    );
  });

  it('are cancelled before they are done, and not after', async () => {
    await letIn();
    const { taskId } = await create();
    const cancel = () => logs.send(new CancelExportTaskCommand({ taskId }));
    await cancel();
    await server.runDue();
    expect(await describe({ statusCode: 'CANCELLED' })).toMatchObject([{ taskId }]);
    await expect(cancel()).rejects.toMatchObject({ name: 'InvalidOperationException' });
    await expect(logs.send(new CancelExportTaskCommand({ taskId: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('ListLogGroups takes patterns of names', async () => {
    for (const logGroupName of ['web-a', 'db-web', 'other'])
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const names = async (logGroupNamePattern: string) =>
      (await logs.send(new ListLogGroupsCommand({ logGroupNamePattern }))).logGroups?.map(
        (group) => group.logGroupName,
      );
    expect(await names('web')).toEqual([GROUP, 'db-web', 'web-a']);
    expect(await names('^web|oth')).toEqual(['other', 'web-a']);
  });
});
