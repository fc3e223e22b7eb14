import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BLOCK_BYTES } from '../limits.ts';
import { type LogEvent, sizeOf } from './batch.ts';

/*
 * A chunk's events as bytes to seal. Its first byte says how: PLAIN or DEFLATED events, which are the chunk's only
 * block; or BLOCKS, a table of [events, earliest, latest, bytes, length] behind its own length, then the blocks
 * one after the other, each compressed by itself, so that a few lines of a chunk cost a few lines.
 */
const PLAIN = 0;
const DEFLATED = 1;
const BLOCKS = 2;
/** What is shorter gains nothing. */
const WORTH_COMPRESSING = 256;
const LENGTH_BYTES = 4;

/** What is known of a run of events without opening it. Times in epoch milliseconds. */
export interface Extent {
  count: number;
  min: number;
  max: number;
  /** As AWS counts them. */
  bytes: number;
}

/** A run of a chunk's events. */
export interface Block extends Extent {
  /** Where it begins in its chunk, in events. */
  offset: number;
  /** Its events as JSON. */
  text(): Buffer;
  open(): LogEvent[];
}

/** @param events in order of time; at least one */
export function extentOf(events: LogEvent[]): Extent {
  return {
    count: events.length,
    min: events[0]?.timestamp ?? 0,
    max: events.at(-1)?.timestamp ?? 0,
    bytes: events.reduce((sum, event) => sum + sizeOf(event), 0),
  };
}

/** Events of a chunk as bytes to seal. */
export function packEvents(events: LogEvent[]): Buffer {
  const runs = runsOf(events);
  const packed = runs.map(packRun);
  if (packed.length === 1) return packed[0] as Buffer;
  const table = runs.map((run, index) => {
    const { count, min, max, bytes } = extentOf(run);
    return [count, min, max, bytes, packed[index]?.length];
  });
  const head = Buffer.from(JSON.stringify(table));
  const start = Buffer.alloc(1 + LENGTH_BYTES, BLOCKS);
  start.writeUInt32BE(head.length, 1);
  return Buffer.concat([start, head, ...packed]);
}

/** The blocks of a packed chunk, in order of time. @param whole what its row says */
export function blocksOf(packed: Buffer, whole: Extent): Block[] {
  if (packed[0] !== BLOCKS) return [{ ...whole, offset: 0, ...opening(packed) }];
  const start = 1 + LENGTH_BYTES;
  let at = start + packed.readUInt32BE(1);
  const table: number[][] = JSON.parse(packed.toString('utf8', start, at));
  let offset = 0;
  return table.map(([count = 0, min = 0, max = 0, bytes = 0, length = 0]) => {
    const run = packed.subarray(at, at + length);
    const block = { count, min, max, bytes, offset, ...opening(run) };
    at += length;
    offset += count;
    return block;
  });
}

function runsOf(events: LogEvent[]): LogEvent[][] {
  const runs: LogEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    bytes += sizeOf(event);
    if (bytes > BLOCK_BYTES) {
      runs.push([]);
      bytes = sizeOf(event);
    }
    runs.at(-1)?.push(event);
  }
  return runs;
}

function packRun(events: LogEvent[]): Buffer {
  const text = Buffer.from(JSON.stringify(events.map((event) => [event.timestamp, event.message])));
  if (text.length < WORTH_COMPRESSING) return Buffer.concat([Buffer.from([PLAIN]), text]);
  // Blocks are small: to hand one to another thread takes longer.
  return Buffer.concat([Buffer.from([DEFLATED]), deflateRawSync(text, { level: 1 })]);
}

const opening = (packed: Buffer): Pick<Block, 'text' | 'open'> => ({
  text: () => unpackRun(packed),
  open: () => eventsIn(unpackRun(packed)),
});

function unpackRun(packed: Buffer): Buffer {
  const body = packed.subarray(1);
  return packed[0] === DEFLATED ? inflateRawSync(body) : body;
}

/** The events of a block's text. */
export function eventsIn(text: Buffer): LogEvent[] {
  return (JSON.parse(text.toString()) as [number, string][]).map(([timestamp, message]) => ({
    timestamp,
    message,
  }));
}
