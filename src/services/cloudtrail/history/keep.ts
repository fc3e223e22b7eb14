import { randomBytes } from 'node:crypto';
import type { CallRecord } from '../../../aws/record.ts';
import type { Database, Tx } from '../../../db/database.ts';
import type { CallObserver } from '../../../kit/provides.ts';
import { append } from '../../../lib/append.ts';
import type { Clock } from '../../../lib/clock.ts';
import { CHUNK_LENGTH, FLUSH_MS, MAX_WAITING } from '../limits.ts';
import { ChunkBuilder } from '../model/chunk-builder.ts';
import { makeEventWriter, ownerOf } from '../model/event.ts';
import { makeEventIds, randomTails, timeOf } from '../model/event-id.ts';
import { pack } from '../model/pack.ts';
import { insertChunk, type Owner } from '../store/chunks.ts';

export interface HistoryOptions {
  database: Pick<Database, 'transaction'>;
  clock: Clock;
  /** Told of what is written, in the transaction that writes it. */
  tell(tx: Tx, owner: Owner, lines: readonly string[]): Promise<void>;
  /** Told when events could not be written; they are kept and tried again. */
  failed(error: unknown): void;
  /** Told how many events had to be given up, since nothing could be written for too long. */
  lost(count: number): void;
}

interface Waiting {
  owner: Owner;
  chunk: ChunkBuilder;
}

/**
 * Keeps the events of calls: in memory for a moment, then many in one row, so that a call costs no write. A kill loses
 * the events of that moment and nothing else.
 */
export function makeHistory({ database, clock, tell, failed, lost }: HistoryOptions): CallObserver {
  const newEventId = makeEventIds(randomTails(randomBytes));
  const write = makeEventWriter();
  /** Chunks that events still go into, by owner. */
  let open = new Map<string, Waiting>();
  /** Chunks that are full, or could not be written yet; oldest first. */
  const full: Waiting[] = [];
  let cancelTimer: (() => void) | undefined;
  let flushing: Promise<void> = Promise.resolve();

  function note(record: CallRecord): void {
    const owner = ownerOf(record);
    if (!owner) return;
    const chunk = chunkOf(owner);
    const id = newEventId(record.at);
    chunk.add(write(record, id), timeOf(id) ?? 0);
    if (chunk.length >= CHUNK_LENGTH) void flush();
    else arm();
  }

  function chunkOf(owner: Owner): ChunkBuilder {
    const key = `${owner.accountId}/${owner.region}`;
    const known = open.get(key);
    if (known) return known.chunk;
    const chunk = new ChunkBuilder();
    open.set(key, { owner, chunk });
    return chunk;
  }

  function arm(): void {
    cancelTimer ??= clock.at(new Date(clock.now().getTime() + FLUSH_MS), () => void flush());
  }

  /** Writes all that was noted before. Never rejects. */
  function flush(): Promise<void> {
    cancelTimer?.();
    cancelTimer = undefined;
    append(full, open.values());
    open = new Map();
    flushing = flushing.then(writeFull);
    return flushing;
  }

  async function writeFull(): Promise<void> {
    while (full[0]) {
      try {
        await keep(full[0]);
        full.shift();
      } catch (error) {
        failed(error);
        makeRoom();
        return arm();
      }
    }
  }

  async function keep({ owner, chunk }: Waiting): Promise<void> {
    const { firstAt, lastAt, length, attributes, lines } = chunk;
    const body = await pack(lines);
    const id = newEventId(new Date(lastAt));
    await database.transaction(async (tx) => {
      await insertChunk(tx, owner, { id, firstAt, lastAt, length, body, attributes });
      await tell(tx, owner, lines);
    });
  }

  /** Gives up the oldest of what waits when that is too much. */
  function makeRoom(): void {
    let length = full.reduce((sum, { chunk }) => sum + chunk.length, 0);
    let count = 0;
    while (length > MAX_WAITING && full.length > 1) {
      const { chunk } = full.shift() as Waiting;
      length -= chunk.length;
      count += chunk.lines.length;
    }
    if (count > 0) lost(count);
  }

  return { note, settled: flush };
}
