import { type Block, blocksOf, eventsIn } from '../model/blocks.ts';
import { eventId } from '../model/event-id.ts';
import type { ResultField } from '../model/insights/columns.ts';
import { Held } from '../model/insights/held.ts';
import { neededTexts } from '../model/insights/needs.ts';
import { parseQuery } from '../model/insights/parser.ts';
import { makePipeline, type Pipeline } from '../model/insights/pipeline.ts';
import { pointerTo } from '../model/pointer.ts';
import { openChunk } from '../store/sealing.ts';
import type { ChunkRow } from '../store/tables.ts';

export interface Question {
  text: string;
  /** When the query was started, in epoch milliseconds. */
  now: number;
  limit: number;
  /** What it may hold at once, in bytes or thereabouts. */
  most: number;
}

/** Chunks of one group, in the order in which the query wants them; times in epoch milliseconds, both inclusive. */
export interface Page {
  group: { accountId: string; name: string; id: string };
  key: Uint8Array;
  /** By stream id; streams that are gone have none. */
  streams: Map<string, string>;
  start: number;
  end: number;
  chunks: ChunkRow[];
}

export interface Outcome {
  results: ResultField[][];
  statistics: { recordsMatched: number; recordsScanned: number; bytesScanned: number };
}

/** A query that looks at chunks. */
export class Looking {
  readonly #pipeline: Pipeline;
  /** What the text of a block has that holds an event that is wanted. */
  readonly #needed: Buffer[];
  #records = 0;
  #bytes = 0;

  /** @throws QueryError UnsupportedQueryError */
  constructor({ text, now, limit, most }: Question) {
    const commands = parseQuery(text);
    this.#pipeline = makePipeline(commands, { now, limit, held: new Held(most) });
    this.#needed = neededTexts(commands).map((needed) => Buffer.from(needed));
  }

  get oldestFirst(): boolean {
    return this.#pipeline.oldestFirst;
  }

  /** @returns false when nothing behind these chunks is wanted @throws QueryTooLargeError */
  look(page: Page): boolean {
    const key = Buffer.from(page.key);
    for (const chunk of page.chunks) {
      if (this.#isBehind(chunk)) return false;
      if (page.streams.has(chunk.stream_id)) this.#lookInto(page, chunk, key);
    }
    return true;
  }

  end(): Outcome {
    const results = this.#pipeline.results();
    const recordsMatched = this.#pipeline.matched();
    const [recordsScanned, bytesScanned] = [this.#records, this.#bytes];
    return { results, statistics: { recordsMatched, recordsScanned, bytesScanned } };
  }

  /** Whether all that is wanted was found before this chunk. */
  #isBehind(chunk: ChunkRow): boolean {
    const enough = this.#pipeline.enough();
    if (enough === undefined) return false;
    return this.#pipeline.oldestFirst ? chunk.min_at > enough : chunk.max_at < enough;
  }

  #lookInto(page: Page, chunk: ChunkRow, key: Buffer): void {
    const { min_at: min, max_at: max, bytes } = chunk;
    const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
    for (const block of blocksOf(openChunk(key, chunk.id, chunk.sealed), whole))
      if (block.max >= page.start && block.min <= page.end) this.#add(page, chunk, block);
  }

  #add({ start, end, group, streams }: Page, chunk: ChunkRow, block: Block): void {
    const text = block.text();
    const isWhole = block.min >= start && block.max <= end;
    this.#bytes += block.bytes;
    if (isWhole && !this.#needed.every((each) => text.includes(each))) {
      this.#records += block.count;
      return;
    }
    const logStream = streams.get(chunk.stream_id) ?? '';
    const log = `${group.accountId}:${group.name}`;
    const { stream_id: streamId, ingested_at: ingestedAt } = chunk;
    for (const [index, { timestamp, message }] of eventsIn(text).entries()) {
      if (timestamp < start || timestamp > end) continue;
      this.#records++;
      const id = eventId({ timestamp, streamId, sequence: chunk.first_seq + block.offset + index });
      const pointer = () => pointerTo({ groupId: group.id, eventId: id });
      this.#pipeline.add({ timestamp, message, id, ingestedAt, logStream, log, pointer });
    }
  }
}
