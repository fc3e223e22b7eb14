import { randomBytes } from 'node:crypto';
import type { LogStream } from '@aws-sdk/client-cloudwatch-logs';
import { page } from '../../../kit/pages.ts';
import { at, on } from '../../../kit/resource.ts';
import { groupNotFound, invalidParameter, streamExists, streamNotFound } from '../errors.ts';
import { streamIdFrom } from '../model/event-id.ts';
import { PURGE, streamKey } from '../reconcilers/purge.ts';
import { streamArn } from '../resources/arns.ts';
import { logGroup } from '../resources/log-group.ts';
import { findGroup } from '../store/groups.ts';
import {
  deleteStream,
  findStream,
  insertStream,
  listStreams,
  type StreamQuery,
} from '../store/streams.ts';
import type { Owner, StreamRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';

interface StreamInput {
  logGroupName?: string | undefined;
  logStreamName?: string | undefined;
}
const picked = ({ logGroupName = '', logStreamName }: StreamInput) => ({
  logGroupName,
  logStreamName,
});

export const onStream = on(logGroup, picked);
const atStream = at(logGroup, picked);

export const createLogStream = logs('createLogStream', atStream, async (ctx, input) => {
  const row: StreamRow = {
    account_id: ctx.accountId,
    region: ctx.region,
    group_name: input.logGroupName ?? '',
    name: input.logStreamName ?? '',
    id: streamIdFrom(randomBytes(8)),
    created_at: ctx.clock.now().getTime(),
    first_event_at: null,
    last_event_at: null,
    last_ingestion_at: null,
    next_seq: 0,
    last_offset: -1,
    stored_bytes: 0,
  };
  await ctx.transaction(async (tx) => {
    if (!(await findGroup(tx, ctx, row.group_name))) throw groupNotFound();
    if (!(await insertStream(tx, row))) throw streamExists();
  });
  return {};
});

export const deleteLogStream = logs('deleteLogStream', atStream, async (ctx, input) => {
  await ctx.transaction(async (tx) => {
    if (!(await findGroup(tx, ctx, input.logGroupName ?? ''))) throw groupNotFound();
    const stream = await findStream(tx, ctx, input.logGroupName ?? '', input.logStreamName ?? '');
    if (!stream) throw streamNotFound();
    await deleteStream(tx, stream);
    await ctx.engine.wake(tx, PURGE, streamKey(stream.id));
  });
  return {};
});

export const describeLogStreams = logs(
  'describeLogStreams',
  on(logGroup, (input) => input),
  async (ctx, input, group) => {
    const orderBy = input.orderBy ?? 'LogStreamName';
    if (orderBy === 'LastEventTime' && input.logStreamNamePrefix !== undefined) {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: StreamQuery['after'], limit) =>
        listStreams(ctx.db, group, group.name, {
          prefix: input.logStreamNamePrefix,
          orderBy,
          descending: input.descending ?? false,
          after,
          limit,
        }),
      (row) => [row.last_event_at ?? 0, row.name] as const,
    );
    return {
      logStreams: items.map((row) => describe(group, row)),
      ...(nextToken && { nextToken }),
    };
  },
);

function describe(owner: Owner, row: StreamRow): LogStream {
  return {
    logStreamName: row.name,
    creationTime: row.created_at,
    ...(row.first_event_at !== null && { firstEventTimestamp: row.first_event_at }),
    ...(row.last_event_at !== null && { lastEventTimestamp: row.last_event_at }),
    ...(row.last_ingestion_at !== null && { lastIngestionTime: row.last_ingestion_at }),
    uploadSequenceToken: sequenceTokenOf(row.next_seq),
    arn: streamArn(owner, row.group_name, row.name),
    // AWS has reported 0 for streams since 2019.
    storedBytes: 0,
  };
}

/** Sequence tokens mean nothing any more, but answers still carry them. */
export function sequenceTokenOf(sequence: number): string {
  return String(sequence).padStart(56, '0');
}
