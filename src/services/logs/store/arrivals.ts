import type { Db } from '../../../db/database.ts';
import { chunkId } from '../model/event-id.ts';
import { type ChunkRow, type GroupRow, type StreamRow, tables } from './tables.ts';

type Head = Pick<StreamRow, 'id' | 'name' | 'next_seq' | 'last_ingestion_at'>;

/** How long a put may have taken to be committed since its time: clocks of servers differ, too. */
const LATE_MS = 60_000;
/** More than so many chunks at once nobody reads as they run by. */
const MOST_CHUNKS = 64;
/** Read together: one alone may have a megabyte. */
const CHUNKS_AT_ONCE = 8;

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

  /**
   * Gives the chunks that came since the last time to `take`, stream by stream, until it wants no more of them.
   * @returns whether some were left out: nobody sees them later
   */
  async next(take: (chunk: ChunkRow, stream: string) => Promise<boolean>): Promise<boolean> {
    let room = MOST_CHUNKS;
    let left = false;
    for (const head of await this.#heads(this.#latest - LATE_MS)) {
      const from = this.#seen.get(head.id) ?? 0;
      this.#latest = Math.max(this.#latest, head.last_ingestion_at ?? 0);
      if (head.next_seq <= from) continue;
      this.#seen.set(head.id, head.next_seq);
      if (left || !this.#wants(head.name)) continue;
      for await (const chunk of this.#chunksOf(head, from)) {
        left = room-- === 0 || !(await take(chunk, head.name));
        if (left) break;
      }
    }
    return left;
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

  async *#chunksOf({ id, next_seq }: Head, from: number): AsyncGenerator<ChunkRow> {
    let start = chunkId(id, from);
    for (;;) {
      const chunks = await tables(this.#db)
        .selectFrom('logs_chunk')
        .selectAll()
        .where('id', '>=', start)
        .where('id', '<', chunkId(id, next_seq))
        .orderBy('id')
        .limit(CHUNKS_AT_ONCE)
        .execute();
      yield* chunks;
      const last = chunks.at(-1);
      if (!last || chunks.length < CHUNKS_AT_ONCE) return;
      start = chunkId(id, last.last_seq + 1);
    }
  }
}
