import type { Platform } from '../../../kit/service.ts';
import { nextTurn, type Pause, takeTurns } from '../../../lib/turns.ts';
import { MAX_QUERY_BYTES } from '../limits.ts';
import { type Block, blocksOf, eventsIn } from '../model/blocks.ts';
import { eventId } from '../model/event-id.ts';
import type { ResultField } from '../model/insights/columns.ts';
import { Held } from '../model/insights/held.ts';
import { neededTexts } from '../model/insights/needs.ts';
import { parseQuery } from '../model/insights/parser.ts';
import { makePipeline, type Pipeline } from '../model/insights/pipeline.ts';
import { pointerTo } from '../model/pointer.ts';
import { retentionStart } from '../model/retention.ts';
import { findGroupById } from '../store/groups.ts';
import type { QueriedGroup, QueryRequest, QueryStatistics } from '../store/queries.ts';
import { scanChunks } from '../store/scan.ts';
import { dataKeyOf, openChunk } from '../store/sealing.ts';
import { namesOfStreams } from '../store/streams.ts';
import type { ChunkRow } from '../store/tables.ts';

export interface QueryOutcome {
  statistics: QueryStatistics;
  results: ResultField[][];
}

/** A group that is looked at. */
interface Looked {
  group: QueriedGroup;
  key: Buffer;
  /** By stream id; streams that are gone have none. */
  streams: Map<string, string>;
  start: number;
  end: number;
}

/**
 * Runs a query over the stored events, and gives way to all else that the server does.
 * @param now when it was started, in epoch milliseconds
 * @throws QueryTooLargeError; the reason of the signal
 */
export async function runQuery(
  ctx: Platform,
  request: QueryRequest,
  now: number,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  const commands = parseQuery(request.text);
  const held = new Held(MAX_QUERY_BYTES);
  const pipeline = makePipeline(commands, { now, limit: request.limit, held });
  const needed = neededTexts(commands).map((text) => Buffer.from(text));
  const statistics = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0, logGroupsScanned: 0 };
  const run: Run = { ctx, pipeline, needed, statistics, pause: takeTurns(signal) };
  for (const group of request.groups) {
    await nextTurn(signal);
    await lookAt(run, group, request);
    statistics.logGroupsScanned++;
  }
  const results = pipeline.results();
  return { statistics: { ...statistics, recordsMatched: pipeline.matched() }, results };
}

interface Run {
  ctx: Platform;
  pipeline: Pipeline;
  /** What the text of a block has that holds an event that is wanted. */
  needed: Buffer[];
  statistics: QueryStatistics;
  pause: Pause;
}

async function lookAt(run: Run, group: QueriedGroup, { start, end }: QueryRequest): Promise<void> {
  const { ctx, pipeline } = run;
  const row = await findGroupById(ctx.db, group.id);
  const key = row && dataKeyOf(ctx, row);
  if (!key) return;
  const first = Math.max(start, retentionStart(ctx.clock.now(), row.retention_days));
  const looked: Looked = { group, key, streams: new Map(), start: first, end };
  const { oldestFirst } = pipeline;
  for await (const chunks of scanChunks(ctx.db, {
    groupId: group.id,
    start: first,
    end,
    oldestFirst,
  })) {
    await nameStreams(ctx, looked, chunks);
    for (const chunk of chunks) {
      if (isBehind(pipeline, chunk)) return;
      await lookInto(run, looked, chunk);
    }
  }
}

/** Whether all that is wanted was found before this chunk. */
function isBehind(pipeline: Pipeline, chunk: ChunkRow): boolean {
  const enough = pipeline.enough();
  if (enough === undefined) return false;
  return pipeline.oldestFirst ? chunk.min_at > enough : chunk.max_at < enough;
}

async function nameStreams(ctx: Platform, { streams }: Looked, chunks: ChunkRow[]): Promise<void> {
  const unknown = [...new Set(chunks.map((chunk) => chunk.stream_id))].filter(
    (id) => !streams.has(id),
  );
  for (const [id, name] of await namesOfStreams(ctx.db, unknown)) streams.set(id, name);
}

async function lookInto(run: Run, looked: Looked, chunk: ChunkRow): Promise<void> {
  if (!looked.streams.has(chunk.stream_id)) return;
  const { min_at: min, max_at: max, bytes } = chunk;
  const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
  for (const block of blocksOf(openChunk(looked.key, chunk.id, chunk.sealed), whole)) {
    if (block.max < looked.start || block.min > looked.end) continue;
    addBlock(run, looked, chunk, block);
    const turn = run.pause();
    if (turn) await turn;
  }
}

function addBlock(
  { needed, statistics, pipeline }: Run,
  looked: Looked,
  chunk: ChunkRow,
  block: Block,
) {
  const { start, end, group } = looked;
  const text = block.text();
  const isWhole = block.min >= start && block.max <= end;
  statistics.bytesScanned += block.bytes;
  if (isWhole && !needed.every((each) => text.includes(each))) {
    statistics.recordsScanned += block.count;
    return;
  }
  const logStream = looked.streams.get(chunk.stream_id) ?? '';
  const log = `${group.accountId}:${group.name}`;
  for (const [index, { timestamp, message }] of eventsIn(text).entries()) {
    if (timestamp < start || timestamp > end) continue;
    statistics.recordsScanned++;
    const sequence = chunk.first_seq + block.offset + index;
    const id = eventId({ timestamp, streamId: chunk.stream_id, sequence });
    const pointer = () => pointerTo({ groupId: group.id, eventId: id });
    pipeline.add({
      timestamp,
      message,
      id,
      ingestedAt: chunk.ingested_at,
      logStream,
      log,
      pointer,
    });
  }
}
