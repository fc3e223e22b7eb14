import { setImmediate } from 'node:timers/promises';
import type { Tx } from '../../../db/database.ts';
import { chunksOf, type LogEvent } from '../model/batch.ts';
import { type Extent, extentOf, packEvents } from '../model/blocks.ts';
import { chunkId } from '../model/event-id.ts';
import { addToBacklog } from './metric-filters.ts';
import { sealChunk } from './sealing.ts';
import { updateStream } from './streams.ts';
import { type ChunkRow, type GroupRow, type StreamRow, tables } from './tables.ts';

/** Events as they will be stored, but for the key and the place in the stream, which only the transaction knows. */
export interface Chunk extends Extent {
  packed: Buffer;
}

/** Others have their turn between chunks. @param events in order of time */
export async function makeChunks(events: LogEvent[]): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const chunk of chunksOf(events)) {
    if (chunks.length > 0) await setImmediate();
    chunks.push({ ...extentOf(chunk), packed: packEvents(chunk) });
  }
  return chunks;
}

/** Appends chunks to a stream that was read in the same transaction. @param key the group's data key @returns their rows */
export async function appendChunks(
  tx: Tx,
  { group, stream, key }: { group: GroupRow; stream: StreamRow; key: Buffer },
  chunks: Chunk[],
  at: { now: number; offset?: number },
): Promise<ChunkRow[]> {
  let sequence = stream.next_seq;
  const rows = chunks.map((chunk): ChunkRow => {
    const id = chunkId(stream.id, sequence);
    const first_seq = sequence;
    sequence += chunk.count;
    return {
      ...{ id, group_id: group.id, stream_id: stream.id, first_seq, last_seq: sequence - 1 },
      ...{ min_at: chunk.min, max_at: chunk.max, ingested_at: at.now, bytes: chunk.bytes },
      sealed: sealChunk(key, id, chunk.packed),
    };
  });
  if (rows.length > 0) await tables(tx).insertInto('logs_chunk').values(rows).execute();
  if (group.filters > 0) await addToBacklog(tx, rows);
  await updateStream(tx, stream.id, {
    next_seq: sequence,
    stored_bytes: rows.reduce((sum, row) => sum + row.bytes, stream.stored_bytes),
    ...(at.offset !== undefined && { last_offset: at.offset }),
    ...(rows.length > 0 && {
      first_event_at: Math.min(stream.first_event_at ?? Infinity, rows[0]?.min_at ?? Infinity),
      last_event_at: Math.max(stream.last_event_at ?? -Infinity, rows.at(-1)?.max_at ?? -Infinity),
      last_ingestion_at: at.now,
    }),
  });
  return rows;
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
