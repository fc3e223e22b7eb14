import type { Db } from '../../../db/database.ts';
import { type ChunkRow, tables } from './tables.ts';

/** Which chunks to read; times in epoch milliseconds, both inclusive. */
export interface Scan {
  groupId: string;
  start: number;
  end: number;
  /** Else from the newest on. */
  oldestFirst: boolean;
}

/** Few at first, since many queries want little, and twice as many each time. */
const FIRST = 4;
const MOST = 64;

/** Chunks that may hold events of a time, by their first time, or by their last from the newest on; some at a time. */
export async function* scanChunks(db: Db, scan: Scan): AsyncGenerator<ChunkRow[]> {
  let last: ChunkRow | undefined;
  for (let count = FIRST; ; count = Math.min(count * 2, MOST)) {
    const chunks = await readChunks(db, scan, last, count);
    if (chunks.length > 0) yield chunks;
    if (chunks.length < count) return;
    last = chunks.at(-1);
  }
}

async function readChunks(
  db: Db,
  { groupId, start, end, oldestFirst }: Scan,
  after: ChunkRow | undefined,
  count: number,
): Promise<ChunkRow[]> {
  const [column, further] = oldestFirst ? (['min_at', '>'] as const) : (['max_at', '<'] as const);
  let select = tables(db)
    .selectFrom('logs_chunk')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('max_at', '>=', start)
    .where('min_at', '<=', end);
  if (after) {
    const at = after[column];
    select = select
      // What an index can begin at.
      .where(column, oldestFirst ? '>=' : '<=', at)
      .where((e) =>
        e.or([e(column, further, at), e.and([e(column, '=', at), e('id', further, after.id)])]),
      );
  }
  const direction = oldestFirst ? 'asc' : 'desc';
  return select.orderBy(column, direction).orderBy('id', direction).limit(count).execute();
}
