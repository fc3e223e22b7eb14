/**
 * Event ids are 56 decimal digits like AWS's: the event's time, its stream, its place in the stream. As text they
 * sort by time, so an id is also a position in the order in which events are read.
 */
export interface EventPosition {
  /** Epoch milliseconds. */
  timestamp: number;
  streamId: string;
  sequence: number;
}

const TIME_DIGITS = 15;
const STREAM_DIGITS = 16;
const SEQUENCE_DIGITS = 25;

export const FIRST_POSITION = '0'.repeat(TIME_DIGITS + STREAM_DIGITS + SEQUENCE_DIGITS);

export function eventId({ timestamp, streamId, sequence }: EventPosition): string {
  return (
    String(timestamp).padStart(TIME_DIGITS, '0') +
    streamId +
    String(sequence).padStart(SEQUENCE_DIGITS, '0')
  );
}

/** What an id says. */
export function positionOf(id: string): EventPosition {
  return {
    timestamp: Number(id.slice(0, TIME_DIGITS)),
    streamId: id.slice(TIME_DIGITS, TIME_DIGITS + STREAM_DIGITS),
    // Positions right before an id may have places that no stream ever reaches, beyond what a database counts to.
    sequence: Math.min(Number(id.slice(TIME_DIGITS + STREAM_DIGITS)), Number.MAX_SAFE_INTEGER),
  };
}

/** The id of the chunk that begins at a place in a stream: as text they sort like the ids of events of one millisecond. */
export function chunkId(streamId: string, sequence: number): string {
  return streamId + String(sequence).padStart(16, '0');
}

export function isEventId(text: string): boolean {
  return /^\d{56}$/.test(text);
}

/** The position right after an id. */
export function successor(id: string): string {
  return (BigInt(id) + 1n).toString().padStart(id.length, '0');
}

/** A stream's id: 16 random digits. @param random bytes, at least 8 */
export function streamIdFrom(random: Uint8Array): string {
  const number = Buffer.from(random).readBigUInt64BE() % 10n ** BigInt(STREAM_DIGITS);
  return number.toString().padStart(STREAM_DIGITS, '0');
}
