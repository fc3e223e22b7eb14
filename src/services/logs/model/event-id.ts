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

/** The time in an id, epoch milliseconds. */
export function timestampOf(id: string): number {
  return Number(id.slice(0, TIME_DIGITS));
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
