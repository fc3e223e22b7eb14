import type { Platform } from '../../../kit/service.ts';
import { MAX_QUERY_BYTES } from '../limits.ts';
import type { ResultField } from '../model/insights/columns.ts';
import { retentionStart } from '../model/retention.ts';
import { findGroupById } from '../store/groups.ts';
import type { QueriedGroup, QueryRequest, QueryStatistics } from '../store/queries.ts';
import { scanChunks } from '../store/scan.ts';
import { dataKeyOf } from '../store/sealing.ts';
import { namesOfStreams } from '../store/streams.ts';
import type { ChunkRow } from '../store/tables.ts';
import type { Outcome } from './looking.ts';
import { QueryThread } from './threads.ts';

export interface QueryOutcome {
  statistics: QueryStatistics;
  results: ResultField[][];
}

/**
 * Runs a query over the stored events, in a thread of its own.
 * @param now when it was started, in epoch milliseconds
 * @throws QueryTooLargeError; the reason of the signal
 */
export async function runQuery(
  ctx: Platform,
  { text, limit, ...request }: QueryRequest,
  now: number,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  signal.throwIfAborted();
  const thread = QueryThread.take();
  const stop = () => thread.end(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    const question = { text, now, limit, most: MAX_QUERY_BYTES };
    const { oldestFirst } = await thread.ask<{ oldestFirst: boolean }>({ question });
    for (const group of request.groups)
      await lookAt({ ctx, thread, signal }, group, { ...request, oldestFirst });
    const { outcome } = await thread.ask<{ outcome: Outcome }>({ end: true });
    thread.release();
    const statistics = { ...outcome.statistics, logGroupsScanned: request.groups.length };
    return { results: outcome.results, statistics };
  } catch (error) {
    thread.end(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Run {
  ctx: Platform;
  thread: QueryThread;
  signal: AbortSignal;
}

async function lookAt(
  { ctx, thread, signal }: Run,
  group: QueriedGroup,
  { start, end, oldestFirst }: { start: number; end: number; oldestFirst: boolean },
): Promise<void> {
  const row = await findGroupById(ctx.db, group.id);
  const key = row && dataKeyOf(ctx, row);
  if (!key) return;
  const first = Math.max(start, retentionStart(ctx.clock.now(), row.retention_days));
  const streams = new Map<string, string>();
  const scan = { groupId: group.id, start: first, end, oldestFirst };
  // The next page is read while the thread looks at one.
  let looked = Promise.resolve({ more: true });
  for await (const chunks of scanChunks(ctx.db, scan)) {
    await nameStreams(ctx, streams, chunks);
    if (!(await looked).more) return;
    signal.throwIfAborted();
    looked = thread.ask({ page: { group, key, streams, start: first, end, chunks } });
    // It is waited for above or below.
    looked.catch(() => {});
  }
  await looked;
}

async function nameStreams(
  ctx: Platform,
  streams: Map<string, string>,
  chunks: ChunkRow[],
): Promise<void> {
  const unknown = [...new Set(chunks.map((chunk) => chunk.stream_id))].filter(
    (id) => !streams.has(id),
  );
  for (const [id, name] of await namesOfStreams(ctx.db, unknown)) streams.set(id, name);
}
