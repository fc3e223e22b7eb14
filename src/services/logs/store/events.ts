import type { Db } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import { MAX_CHUNK_SPAN_MS } from '../limits.ts';
import type { LogEvent } from '../model/batch.ts';
import { type Block, blocksOf } from '../model/blocks.ts';
import { chunkId, eventId, positionOf } from '../model/event-id.ts';
import { Merge, type Run } from '../model/merge.ts';
import { openChunk } from './sealing.ts';
import { type ChunkRow, tables } from './tables.ts';

export interface StoredEvent extends LogEvent {
  id: string;
  streamId: string;
  ingestedAt: number;
}

/** Which events to read: of a whole group, or of some of its streams. Times in epoch milliseconds, both inclusive. */
export interface EventQuery {
  groupId: string;
  /** The group's data key; undefined when nothing was ever put. */
  key: Buffer | undefined;
  streamIds?: string[];
  start: number;
  end: number;
  /** Only events beyond this position, in the direction of reading. */
  beyond?: string;
  descending: boolean;
}

type ChunkHead = Pick<
  ChunkRow,
  'id' | 'stream_id' | 'first_seq' | 'last_seq' | 'min_at' | 'max_at' | 'bytes'
>;

/** Few at first, since most calls want little, and twice as many each time. */
const FIRST_HEADS = 8;
const MOST_HEADS = 512;
const FIRST_BYTES = 1;
const MOST_BYTES = 512 * 1024;
/** More streams are picked out of the group's chunks. */
const MOST_STREAMS = 100;

/**
 * Events in order of their ids, a batch at a time, with the bytes that were opened for the batch. Chunks
 * overlap in time; an event is passed on when no chunk that is still to come can hold an earlier one.
 */
export async function* readEvents(
  db: Db,
  query: EventQuery,
): AsyncGenerator<{ events: StoredEvent[]; bytes: number }> {
  if (query.key === undefined || query.streamIds?.length === 0) return;
  const wants = query.streamIds && new Set(query.streamIds);
  const merge = new Merge<StoredEvent>(query.descending);
  let last: ChunkHead | undefined;
  let most = FIRST_BYTES;
  for (let count = FIRST_HEADS; ; count = Math.min(count * 2, MOST_HEADS)) {
    const heads = await readHeads(db, query, last, count);
    const full = heads.length === count;
    for (let from = 0; from < heads.length; most = Math.min(most * 2, MOST_BYTES)) {
      const until = cut(heads, from, most);
      const wanted = heads.slice(from, until).filter((head) => !wants || wants.has(head.stream_id));
      merge.add(await readRuns(db, wanted, query, query.key));
      from = until;
      last = heads[until - 1];
      // The last head of a full page stands for what may follow it.
      const next = heads[from] ?? (full ? last : undefined);
      yield* merge.take(next && positionsOf(next, query.descending).start);
    }
    if (!full) {
      yield* merge.take(undefined);
      return;
    }
  }
}

function inside({ timestamp, id }: StoredEvent, query: EventQuery): boolean {
  if (timestamp < query.start || timestamp > query.end) return false;
  if (query.beyond === undefined) return true;
  return query.descending ? id < query.beyond : id > query.beyond;
}

/** The first position that a chunk, one behind it in the order of reading, or a part of it can hold, and its last. */
function positionsOf(
  head: Pick<ChunkHead, 'stream_id' | 'first_seq' | 'last_seq' | 'min_at' | 'max_at'>,
  descending: boolean,
): { start: string; end: string } {
  const streamId = head.stream_id;
  const first = eventId({ timestamp: head.min_at, streamId, sequence: head.first_seq });
  const last = eventId({ timestamp: head.max_at, streamId, sequence: head.last_seq });
  return descending ? { start: last, end: first } : { start: first, end: last };
}

/** How many chunks to read at once, so that neither many small nor a few large ones cost much. */
function cut(heads: ChunkHead[], from: number, most: number): number {
  let bytes = 0;
  let until = from;
  while (until < heads.length && (until === from || bytes < most))
    bytes += heads[until++]?.bytes ?? 0;
  return until;
}

async function readHeads(
  db: Db,
  query: EventQuery,
  after: ChunkHead | undefined,
  count: number,
): Promise<ChunkHead[]> {
  const { streamIds, descending } = query;
  const beyond = query.beyond === undefined ? undefined : positionOf(query.beyond);
  const start = Math.max(query.start, !descending && beyond ? beyond.timestamp : -Infinity);
  const end = Math.min(query.end, descending && beyond ? beyond.timestamp : Infinity);
  let select = tables(db)
    .selectFrom('logs_chunk')
    .select(['id', 'stream_id', 'first_seq', 'last_seq', 'min_at', 'max_at', 'bytes'])
    .where('max_at', '>=', start)
    .where('min_at', '<=', end);
  // What bounds the index: no chunk spans more than this.
  select = descending
    ? select.where('max_at', '<=', end + MAX_CHUNK_SPAN_MS)
    : select.where('min_at', '>=', start - MAX_CHUNK_SPAN_MS);
  if (!streamIds || streamIds.length > MOST_STREAMS)
    select = select.where('group_id', '=', query.groupId);
  else if (streamIds.length === 1) select = select.where('stream_id', '=', streamIds[0] as string);
  else select = select.where('group_id', '=', query.groupId).where('stream_id', 'in', streamIds);
  // Chunks that end before the position, or begin behind it, among those that share its millisecond.
  if (beyond && descending) {
    const here = chunkId(beyond.streamId, beyond.sequence);
    select = select.where((e) => e.or([e('min_at', '<', beyond.timestamp), e('id', '<', here)]));
  } else if (beyond) {
    select = select.where((e) =>
      e.or([
        e('max_at', '>', beyond.timestamp),
        e('stream_id', '>', beyond.streamId),
        e.and([e('stream_id', '=', beyond.streamId), e('last_seq', '>', beyond.sequence)]),
      ]),
    );
  }
  const [column, further] = descending ? (['max_at', '<'] as const) : (['min_at', '>'] as const);
  if (after) {
    const at = after[column];
    select = select.where((e) =>
      e.or([e(column, further, at), e.and([e(column, '=', at), e('id', further, after.id)])]),
    );
    // Said again, as what an index can begin at.
    select = select.where(column, descending ? '<=' : '>=', at);
  }
  const direction = descending ? 'desc' : 'asc';
  return select.orderBy(column, direction).orderBy('id', direction).limit(count).execute();
}

/** Most calls read one chunk: to build the query would take as long as all the rest. */
const chunkById = statement<{ id: string }, ChunkRow>((db, parameter) =>
  tables(db).selectFrom('logs_chunk').selectAll().where('id', '=', parameter('id')),
);

/** The blocks of chunks that may hold something of what is wanted. */
async function readRuns(
  db: Db,
  heads: ChunkHead[],
  query: EventQuery,
  key: Buffer,
): Promise<Run<StoredEvent>[]> {
  if (heads.length === 0) return [];
  const ids = heads.map(({ id }) => id);
  const [id] = ids;
  const rows =
    id !== undefined && ids.length === 1
      ? await chunkById(db, { id })
      : await tables(db).selectFrom('logs_chunk').selectAll().where('id', 'in', ids).execute();
  return rows.flatMap((row) => runsOf(row, query, key));
}

function runsOf(row: ChunkRow, query: EventQuery, key: Buffer): Run<StoredEvent>[] {
  const { stream_id, min_at: min, max_at: max, bytes } = row;
  const whole = { count: row.last_seq - row.first_seq + 1, min, max, bytes };
  const runs: Run<StoredEvent>[] = [];
  for (const block of blocksOf(openChunk(key, row.id, row.sealed), whole)) {
    const first_seq = row.first_seq + block.offset;
    const last_seq = first_seq + block.count - 1;
    const { start, end } = positionsOf(
      { stream_id, first_seq, last_seq, min_at: block.min, max_at: block.max },
      query.descending,
    );
    if (block.max < query.start || block.min > query.end) continue;
    if (
      query.beyond !== undefined &&
      (query.descending ? end >= query.beyond : end <= query.beyond)
    )
      continue;
    const open = () => eventsOf(row, block, first_seq).filter((event) => inside(event, query));
    runs.push({ start, bytes: block.bytes, open });
  }
  return runs;
}

function eventsOf(row: ChunkRow, block: Block, firstSequence: number): StoredEvent[] {
  const streamId = row.stream_id;
  return block.open().map(({ timestamp, message }, index) => ({
    timestamp,
    message,
    id: eventId({ timestamp, streamId, sequence: firstSequence + index }),
    streamId,
    ingestedAt: row.ingested_at,
  }));
}
