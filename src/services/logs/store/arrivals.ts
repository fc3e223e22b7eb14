import type { Db } from '../../../db/database.ts';
import { chunkId } from '../model/event-id.ts';
import { type ChunkRow, type GroupRow, type StreamRow, tables } from './tables.ts';

type Head = Pick<StreamRow, 'id' | 'name' | 'next_seq' | 'last_ingestion_at'>;

/** How long a put may have taken to be committed since its time: clocks of servers differ, too. */
const LATE_MS = 60_000;
/** More than so many chunks at once nobody reads as they run by. */
const MOST_CHUNKS = 64;

/** What comes into a group, from now on. */
export class Arrivals {
  readonly #db: Db;
  readonly #group: GroupRow;
  readonly #wants: (stream: string) => boolean;
  /** What has been seen of each stream; of one that is new, nothing. */
  readonly #seen = new Map<string, number>();
  #latest = 0;

  private constructor(db: Db, group: GroupRow, wants: (stream: string) => boolean) {
    this.#db = db;
    this.#group = group;
    this.#wants = wants;
  }

  static async from(
    db: Db,
    group: GroupRow,
    wants: (stream: string) => boolean,
    now: number,
  ): Promise<Arrivals> {
    const arrivals = new Arrivals(db, group, wants);
    arrivals.#latest = now;
    for (const { id, next_seq } of await arrivals.#heads(0)) arrivals.#seen.set(id, next_seq);
    return arrivals;
  }

  /** Chunks that came since the last time, with the names of their streams; `left`: there were more than anybody reads. */
  async next(): Promise<{ chunks: { chunk: ChunkRow; stream: string }[]; left: boolean }> {
    const found: { chunk: ChunkRow; stream: string }[] = [];
    let left = false;
    for (const head of await this.#heads(this.#latest - LATE_MS)) {
      const from = this.#seen.get(head.id) ?? 0;
      this.#latest = Math.max(this.#latest, head.last_ingestion_at ?? 0);
      if (head.next_seq <= from) continue;
      this.#seen.set(head.id, head.next_seq);
      if (!this.#wants(head.name)) continue;
      const chunks = await this.#chunksOf(head, from, MOST_CHUNKS - found.length + 1);
      for (const chunk of chunks) found.push({ chunk, stream: head.name });
      if (found.length > MOST_CHUNKS) left = true;
    }
    return { chunks: found.slice(0, MOST_CHUNKS), left };
  }

  #heads(since: number): Promise<Head[]> {
    const { account_id, region, name } = this.#group;
    let select = tables(this.#db)
      .selectFrom('logs_stream')
      .select(['id', 'name', 'next_seq', 'last_ingestion_at'])
      .where('account_id', '=', account_id)
      .where('region', '=', region)
      .where('group_name', '=', name);
    if (since > 0) select = select.where('last_ingestion_at', '>=', since);
    return select.execute();
  }

  async #chunksOf({ id, next_seq }: Head, from: number, count: number): Promise<ChunkRow[]> {
    if (count <= 0) return [];
    return tables(this.#db)
      .selectFrom('logs_chunk')
      .selectAll()
      .where('id', '>=', chunkId(id, from))
      .where('id', '<', chunkId(id, next_seq))
      .orderBy('id')
      .limit(count)
      .execute();
  }
}
