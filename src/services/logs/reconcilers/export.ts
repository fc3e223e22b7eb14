import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { nextTurn } from '../../../lib/turns.ts';
import { MAX_EXPORT_MS, MAX_EXPORT_PART } from '../limits.ts';
import { exportedLine, objectKey } from '../model/export-names.ts';
import { retentionStart } from '../model/retention.ts';
import { groupArn } from '../resources/arns.ts';
import { readEvents } from '../store/events.ts';
import { changeExport, type ExportRequest, findExport, requestOf } from '../store/exports.ts';
import { findGroupById } from '../store/groups.ts';
import { dataKeyOf } from '../store/sealing.ts';
import { listStreams } from '../store/streams.ts';
import type { ExportRow, GroupRow, Owner, StreamRow } from '../store/tables.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that exports events. One that is lost with its server begins again, and writes the same objects. */
export const EXPORT = 'logs/export';

/** S3 as CloudWatch Logs reaches it: the bucket's policy has to let the service in. */
export const bucketClient = (ctx: Pick<Platform, 'client'>, owner: Owner, groupName: string) =>
  ctx.client(S3Client, {
    service: `logs.${owner.region}.amazonaws.com`,
    sourceArn: groupArn(owner, groupName),
    region: owner.region,
  });

class Cancelled extends Error {}

export const exportTask = defineReconciler<Platform>({
  name: EXPORT,
  concurrency: 2,
  longestMs: MAX_EXPORT_MS,
  async reconcile(ctx, id, signal) {
    const row = await findExport(ctx.db, id);
    if (!row || row.ended_at !== null) return undefined;
    await ctx.transaction((tx) => changeExport(tx, id, 'RUNNING'));
    const status = await run(ctx, row, signal);
    // The server stops, or another one has it: whoever has it next begins again.
    if (signal.aborted) return 'now';
    if (status !== 'CANCELLED')
      await ctx.transaction((tx) => changeExport(tx, id, status, ctx.clock.now().getTime()));
    return undefined;
  },
  sweep: sweeps[EXPORT],
});

async function run(
  ctx: Platform,
  row: ExportRow,
  signal: AbortSignal,
): Promise<'COMPLETED' | 'CANCELLED' | 'FAILED'> {
  const request = requestOf(row);
  const group = await findGroupById(ctx.db, request.groupId);
  if (!group) return 'FAILED';
  const owner = { accountId: row.account_id, region: row.region };
  const streams = await listStreams(ctx.db, owner, group.name, {
    prefix: request.streamPrefix,
    ...{ orderBy: 'LogStreamName', descending: false, limit: Number.MAX_SAFE_INTEGER },
  });
  try {
    for (const stream of streams) await exportStream(ctx, { row, request, group, stream }, signal);
    return 'COMPLETED';
  } catch (error) {
    if (error instanceof Cancelled) return 'CANCELLED';
    if (signal.aborted) return 'CANCELLED';
    ctx.log.warn({ err: error, task: row.id }, 'An export of logs failed.');
    return 'FAILED';
  }
}

const zip = promisify(gzip);

interface Task {
  row: ExportRow;
  request: ExportRequest;
  group: GroupRow;
  stream: StreamRow;
}

async function exportStream(ctx: Platform, task: Task, signal: AbortSignal): Promise<void> {
  const { request, group, stream } = task;
  const query = {
    ...{ groupId: group.id, key: dataKeyOf(ctx, group), streamIds: [stream.id] },
    ...{ start: startOf(ctx, task), end: request.to, descending: false },
  };
  let lines: string[] = [];
  let size = 0;
  let part = 0;
  for await (const { events } of readEvents(ctx.db, query)) {
    for (const event of events) {
      const line = exportedLine(event);
      lines.push(line);
      size += line.length;
    }
    await nextTurn(signal);
    if (size < MAX_EXPORT_PART) continue;
    await write(ctx, task, part++, lines);
    lines = [];
    size = 0;
  }
  if (lines.length > 0) await write(ctx, task, part, lines);
}

/** What has expired is not exported, though it may lie there for a while. */
const startOf = (ctx: Platform, { request, group }: Task) =>
  Math.max(request.from, retentionStart(ctx.clock.now(), group.retention_days));

async function write(
  ctx: Platform,
  { row, request, stream }: Task,
  part: number,
  lines: string[],
): Promise<void> {
  if ((await findExport(ctx.db, row.id))?.ended_at !== null) throw new Cancelled();
  const owner = { accountId: row.account_id, region: row.region };
  await bucketClient(ctx, owner, request.groupName).send(
    new PutObjectCommand({
      Bucket: request.bucket,
      Key: objectKey(request.prefix, row.id, stream.name, part),
      Body: await zip(lines.join('')),
    }),
  );
}
