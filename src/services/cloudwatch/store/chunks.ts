import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import { type Entry, packEntries, unpackEntries } from '../model/chunk.ts';
import { tables } from './tables.ts';

/** Entries of a metric that were put together. */
export interface NewChunk {
  metricId: string;
  /** Milliseconds. */
  resolution: number;
  /** In order of time, at least one. */
  entries: readonly Entry[];
  fresh: boolean;
}

/** Rows a statement: SQLite takes 32,766 values. */
const AT_ONCE = 1000;

export async function insertChunks(tx: Tx, chunks: readonly NewChunk[]): Promise<void> {
  const rows = chunks.map(({ metricId, resolution, entries, fresh }) => {
    const first = entries[0]?.at ?? 0;
    return {
      metric_id: metricId,
      last_at: entries.at(-1)?.at ?? 0,
      id: randomUUID(),
      first_at: first,
      resolution,
      fresh: fresh ? 1 : 0,
      data: packEntries(entries, first),
    };
  });
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await tables(tx)
      .insertInto('cloudwatch_chunk')
      .values(rows.slice(from, from + AT_ONCE))
      .execute();
}

/** Epoch milliseconds; `to` is not within. */
export interface Span {
  from: number;
  to: number;
}

/** An entry and how long it lasts, in milliseconds. */
export interface StoredEntry extends Entry {
  resolution: number;
}

/** What there is of these metrics, by their ids, in no order. Some may lie outside of the span. */
export async function readEntries(
  db: Db | Tx,
  ids: readonly string[],
  { from, to }: Span,
): Promise<Map<string, StoredEntry[]>> {
  const found = new Map<string, StoredEntry[]>();
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const rows = await tables(db)
      .selectFrom('cloudwatch_chunk')
      .select(['metric_id', 'first_at', 'resolution', 'data'])
      .where('metric_id', 'in', ids.slice(start, start + AT_ONCE))
      .where('last_at', '>=', from)
      .where('first_at', '<', to)
      .execute();
    for (const { metric_id: id, first_at, resolution, data } of rows) {
      const list = found.get(id) ?? [];
      found.set(id, list);
      for (const entry of unpackEntries(data, first_at)) list.push({ ...entry, resolution });
    }
  }
  return found;
}

/** Rows that are due for something, by their kind and age. */
export interface DueChunks {
  fresh: boolean;
  /** Milliseconds. */
  resolution: number;
  /** Those whose last entry is from before that. */
  before: number;
}

const due = (db: Db | Tx, { fresh, resolution, before }: DueChunks) =>
  tables(db)
    .selectFrom('cloudwatch_chunk')
    .where('fresh', '=', fresh ? 1 : 0)
    .where('resolution', '=', resolution)
    .where('last_at', '<', before);

export async function hasChunks(db: Db | Tx, which: DueChunks): Promise<boolean> {
  return (await due(db, which).select('id').limit(1).executeTakeFirst()) !== undefined;
}

export interface StoredChunk {
  id: string;
  metricId: string;
  firstAt: number;
  lastAt: number;
  entries: Entry[];
}

/** The oldest of them. */
export async function oldestChunks(
  db: Db | Tx,
  which: DueChunks,
  limit: number,
): Promise<StoredChunk[]> {
  const rows = await due(db, which)
    .select(['metric_id', 'id', 'first_at', 'last_at', 'data'])
    .orderBy('last_at')
    .limit(limit)
    .execute();
  return rows.map(storedChunk);
}

const storedChunk = (row: {
  metric_id: string;
  id: string;
  first_at: number;
  last_at: number;
  data: string;
}): StoredChunk => ({
  id: row.id,
  metricId: row.metric_id,
  firstAt: row.first_at,
  lastAt: row.last_at,
  entries: unpackEntries(row.data, row.first_at),
});

/** The merged row of a metric's window, of those that there are of these metrics. */
export async function mergedChunks(
  db: Db | Tx,
  ids: readonly string[],
  resolution: number,
  { from, to }: Span,
): Promise<StoredChunk[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_chunk')
    .select(['metric_id', 'id', 'first_at', 'last_at', 'data'])
    .where('metric_id', 'in', ids)
    .where('last_at', '>=', from)
    .where('first_at', '<', to)
    .where('fresh', '=', 0)
    .where('resolution', '=', resolution)
    .execute();
  return rows.map(storedChunk);
}

export async function deleteChunks(
  tx: Tx,
  chunks: readonly Pick<StoredChunk, 'metricId' | 'id'>[],
): Promise<void> {
  for (let from = 0; from < chunks.length; from += AT_ONCE) {
    const some = chunks.slice(from, from + AT_ONCE);
    await tables(tx)
      .deleteFrom('cloudwatch_chunk')
      .where('metric_id', 'in', [...new Set(some.map(({ metricId }) => metricId))])
      .where(
        'id',
        'in',
        some.map(({ id }) => id),
      )
      .execute();
  }
}
