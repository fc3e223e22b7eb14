import { randomUUID } from 'node:crypto';
import type { ExportTask } from '@aws-sdk/client-cloudwatch-logs';
import { GetBucketAclCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { pageOfList } from '../../../kit/pages.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import {
  exportEnded,
  exportNotFound,
  invalidParameter,
  limitExceeded,
  noBucketAccess,
} from '../errors.ts';
import { TEST_TEXT, testKey } from '../model/export-names.ts';
import { bucketClient, EXPORT } from '../reconcilers/export.ts';
import { logGroup } from '../resources/log-group.ts';
import {
  changeExport,
  type ExportRequest,
  findExport,
  insertExport,
  listExports,
  requestOf,
} from '../store/exports.ts';
import type { ExportRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';

export const createExportTask = logs(
  'createExportTask',
  on(logGroup, ({ logGroupName }) => ({ logGroupName })),
  async (ctx, input, group) => {
    const { from = 0, to = 0, destination: bucket = '' } = input;
    if (from >= to) throw invalidParameter('The to of an export task is behind its from.');
    const request: ExportRequest = {
      ...{ taskName: input.taskName, groupName: group.name, groupId: group.id, from, to, bucket },
      streamPrefix: input.logStreamNamePrefix,
      prefix: input.destinationPrefix || 'exportedlogs',
    };
    await tryBucket(ctx, request);
    const row: ExportRow = {
      ...{ id: randomUUID(), account_id: ctx.accountId, region: ctx.region, status: 'PENDING' },
      ...{ created_at: ctx.clock.now().getTime(), ended_at: null, body: encodeJson(request) },
    };
    await ctx.transaction(async (tx) => {
      const active = (await listExports(tx, ctx)).some(({ ended_at }) => ended_at === null);
      // One at a time, as on AWS.
      if (active) throw limitExceeded();
      await insertExport(tx, row);
      await ctx.engine.wake(tx, EXPORT, row.id);
    });
    return { taskId: row.id };
  },
);

/** Whether the bucket's policy lets the service in. @throws InvalidParameterException */
async function tryBucket(ctx: ServiceContext, request: ExportRequest): Promise<void> {
  const client = bucketClient(ctx, ctx, request.groupName);
  const Bucket = request.bucket;
  try {
    await client.send(new GetBucketAclCommand({ Bucket }));
  } catch {
    throw noBucketAccess('GetBucketAcl');
  }
  try {
    const Key = testKey(request.prefix);
    await client.send(new PutObjectCommand({ Bucket, Key, Body: TEST_TEXT }));
  } catch {
    throw noBucketAccess('PutObject');
  }
}

export const cancelExportTask = logs('cancelExportTask', {}, async (ctx, { taskId = '' }) => {
  const now = ctx.clock.now().getTime();
  await ctx.transaction(async (tx) => {
    const row = await findExport(tx, taskId);
    if (!row || row.account_id !== ctx.accountId || row.region !== ctx.region)
      throw exportNotFound();
    if (!(await changeExport(tx, taskId, 'CANCELLED', now))) throw exportEnded();
  });
  return {};
});

export const describeExportTasks = logs('describeExportTasks', {}, async (ctx, input) => {
  const all = (await listExports(ctx.db, ctx)).filter(
    ({ id, status }) =>
      (input.taskId === undefined || id === input.taskId) &&
      (input.statusCode === undefined || status === input.statusCode),
  );
  const { items, nextToken } = pageOfList(ctx, asked(input), all, keyOf, 'descending');
  return { exportTasks: items.map(describe), ...(nextToken && { nextToken }) };
});

const keyOf = (row: ExportRow) => [row.created_at, row.id] as const;

function describe(row: ExportRow): ExportTask {
  const request = requestOf(row);
  return {
    ...{ taskId: row.id, logGroupName: request.groupName, from: request.from, to: request.to },
    ...(request.taskName !== undefined && { taskName: request.taskName }),
    ...{ destination: request.bucket, destinationPrefix: request.prefix },
    status: {
      code: row.status,
      ...(row.status === 'COMPLETED' && { message: 'Completed successfully' }),
    },
    executionInfo: {
      creationTime: row.created_at,
      ...(row.ended_at !== null && { completionTime: row.ended_at }),
    },
  };
}
