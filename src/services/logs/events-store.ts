import type { Db, Tx } from '../../db/database.ts';
import { MAX_CHUNK_SPAN_MS } from './limits.ts';
import { chunksOf, type LogEvent, sizeOf } from './model/batch.ts';
import { eventId, timestampOf } from './model/event-id.ts';
import { updateStream } from './store.ts';
import { type ChunkRow, type StreamRow, tables } from './tables.ts';

export interface StoredEvent extends LogEvent {
  id: string;
  streamId: string;
  ingestedAt: number;
}

/** Appends events, in order of time, to a stream that was read in the same transaction. */
export async function appendEvents(
  tx: Tx,
  groupId: string,
  stream: StreamRow,
  events: LogEvent[],
  at: { now: number; offset?: number },
): Promise<void> {
  let sequence = stream.next_seq;
  let stored = stream.stored_bytes;
  for (const chunk of chunksOf(events)) {
    const bytes = chunk.reduce((sum, event) => sum + sizeOf(event), 0);
    const row: ChunkRow = {
      id: `${stream.id}${String(sequence).padStart(16, '0')}`,
      group_id: groupId,
      stream_id: stream.id,
      first_seq: sequence,
      min_at: chunk[0]?.timestamp ?? 0,
      max_at: chunk.at(-1)?.timestamp ?? 0,
      ingested_at: at.now,
      bytes,
      events: JSON.stringify(chunk.map((event) => [event.timestamp, event.message])),
    };
    await tables(tx).insertInto('logs_chunk').values(row).execute();
    sequence += chunk.length;
    stored += bytes;
  }
  const first = events[0]?.timestamp ?? Infinity;
  const last = events.at(-1)?.timestamp ?? -Infinity;
  await updateStream(tx, stream.id, {
    next_seq: sequence,
    stored_bytes: stored,
    ...(at.offset !== undefined && { last_offset: at.offset }),
    ...(events.length > 0 && {
      first_event_at: Math.min(stream.first_event_at ?? Infinity, first),
      last_event_at: Math.max(stream.last_event_at ?? -Infinity, last),
      last_ingestion_at: at.now,
    }),
  });
}

/** Which events to read: of a whole group, or of some of its streams. Times in epoch milliseconds, both inclusive. */
export interface EventQuery {
  groupId: string;
  streamIds?: string[];
  start: number;
  end: number;
  /** Only events beyond this position, in the direction of reading. */
  beyond?: string;
  descending: boolean;
}

type ChunkHead = Pick<ChunkRow, 'id' | 'stream_id' | 'min_at' | 'max_at' | 'bytes'>;

const HEADS_AT_ONCE = 512;
const BYTES_AT_ONCE = 2 * 1_048_576;

/**
 * Events in order of their ids, a batch at a time, with the bytes that were read for the batch. Chunks
 * overlap in time; an event is passed on when no chunk that is still to come can hold an earlier one.
 */
export async function* readEvents(
  db: Db,
  query: EventQuery,
): AsyncGenerator<{ events: StoredEvent[]; bytes: number }> {
  const bounds = boundsOf(query);
  let waiting: StoredEvent[] = [];
  let last: ChunkHead | undefined;
  for (;;) {
    const heads = await readHeads(db, query, bounds, last);
    for (let from = 0; from < heads.length; ) {
      const until = cut(heads, from);
      const group = heads.slice(from, until);
      const wanted = query.streamIds
        ? group.filter((head) => query.streamIds?.includes(head.stream_id))
        : group;
      const read = await readChunks(db, wanted);
      waiting = waiting.concat(read.filter((event) => inside(event, query, bounds)));
      from = until;
      last = group.at(-1);
      const next = heads[from];
      // The last head of a full page stands for what may follow it.
      const horizon = edge(
        next ?? (heads.length === HEADS_AT_ONCE ? last : undefined),
        query.descending,
      );
      const ready = takeReady(waiting, horizon, query.descending);
      waiting = ready.rest;
      yield { events: ready.events, bytes: wanted.reduce((sum, head) => sum + head.bytes, 0) };
    }
    if (heads.length < HEADS_AT_ONCE) return;
  }
}

function boundsOf(query: EventQuery): { start: number; end: number } {
  if (query.beyond === undefined) return { start: query.start, end: query.end };
  const at = timestampOf(query.beyond);
  return query.descending
    ? { start: query.start, end: Math.min(query.end, at) }
    : { start: Math.max(query.start, at), end: query.end };
}

function inside(
  event: StoredEvent,
  query: EventQuery,
  bounds: { start: number; end: number },
): boolean {
  if (event.timestamp < bounds.start || event.timestamp > bounds.end) return false;
  if (query.beyond === undefined) return true;
  return query.descending ? event.id < query.beyond : event.id > query.beyond;
}

const edge = (head: ChunkHead | undefined, descending: boolean) =>
  head && (descending ? head.max_at : head.min_at);

function takeReady(waiting: StoredEvent[], horizon: number | undefined, descending: boolean) {
  waiting.sort((a, b) => (a.id < b.id ? -1 : 1) * (descending ? -1 : 1));
  if (horizon === undefined) return { events: waiting, rest: [] };
  const split = waiting.findIndex((event) =>
    descending ? event.timestamp <= horizon : event.timestamp >= horizon,
  );
  return split < 0
    ? { events: waiting, rest: [] }
    : { events: waiting.slice(0, split), rest: waiting.slice(split) };
}

/** How many chunks to read at once, so that neither many small nor a few large ones cost much. */
function cut(heads: ChunkHead[], from: number): number {
  let bytes = 0;
  let until = from;
  while (until < heads.length && (until === from || bytes < BYTES_AT_ONCE))
    bytes += heads[until++]?.bytes ?? 0;
  return until;
}

async function readHeads(
  db: Db,
  query: EventQuery,
  bounds: { start: number; end: number },
  after: ChunkHead | undefined,
): Promise<ChunkHead[]> {
  const { streamIds, descending } = query;
  const [column, beyond] = descending ? (['max_at', '<'] as const) : (['min_at', '>'] as const);
  let select = tables(db)
    .selectFrom('logs_chunk')
    .select(['id', 'stream_id', 'min_at', 'max_at', 'bytes'])
    .where('max_at', '>=', bounds.start)
    .where('min_at', '<=', bounds.end);
  // What bounds the index: no chunk spans more than this.
  select = descending
    ? select.where('max_at', '<=', bounds.end + MAX_CHUNK_SPAN_MS)
    : select.where('min_at', '>=', bounds.start - MAX_CHUNK_SPAN_MS);
  select =
    streamIds?.length === 1
      ? select.where('stream_id', '=', streamIds[0] as string)
      : select.where('group_id', '=', query.groupId);
  if (after) {
    const at = after[column];
    select = select.where((e) =>
      e.or([e(column, beyond, at), e.and([e(column, '=', at), e('id', beyond, after.id)])]),
    );
  }
  const direction = descending ? 'desc' : 'asc';
  return select.orderBy(column, direction).orderBy('id', direction).limit(HEADS_AT_ONCE).execute();
}

async function readChunks(db: Db, heads: ChunkHead[]): Promise<StoredEvent[]> {
  if (heads.length === 0) return [];
  const rows = await tables(db)
    .selectFrom('logs_chunk')
    .select(['stream_id', 'first_seq', 'ingested_at', 'events'])
    .where(
      'id',
      'in',
      heads.map((head) => head.id),
    )
    .execute();
  return rows.flatMap((row) =>
    (JSON.parse(row.events) as [number, string][]).map(([timestamp, message], index) => ({
      id: eventId({ timestamp, streamId: row.stream_id, sequence: row.first_seq + index }),
      streamId: row.stream_id,
      timestamp,
      message,
      ingestedAt: row.ingested_at,
    })),
  );
}

/** Deletes some chunks of what a purge is for. @returns true when there may be more */
export async function purgeChunks(
  tx: Tx,
  where: { groupId: string; before?: number } | { streamId: string },
  limit: number,
): Promise<boolean> {
  let select = tables(tx).selectFrom('logs_chunk').select(['id', 'stream_id', 'bytes']);
  if ('streamId' in where) select = select.where('stream_id', '=', where.streamId);
  else select = select.where('group_id', '=', where.groupId);
  if ('before' in where && where.before !== undefined) {
    select = select.where('min_at', '<', where.before).where('max_at', '<', where.before);
  }
  const chunks = await select.limit(limit).execute();
  if (chunks.length === 0) return false;
  await tables(tx)
    .deleteFrom('logs_chunk')
    .where(
      'id',
      'in',
      chunks.map((chunk) => chunk.id),
    )
    .execute();
  const freed = new Map<string, number>();
  for (const chunk of chunks)
    freed.set(chunk.stream_id, (freed.get(chunk.stream_id) ?? 0) + chunk.bytes);
  for (const [id, bytes] of freed) {
    await tables(tx)
      .updateTable('logs_stream')
      .set((e) => ({ stored_bytes: e('stored_bytes', '-', bytes) }))
      .where('id', '=', id)
      .execute();
  }
  return chunks.length === limit;
}
