import {
  EVENT_OVERHEAD_BYTES,
  MAX_AGE_MS,
  MAX_BATCH_BYTES,
  MAX_BATCH_SPAN_MS,
  MAX_CHUNK_BYTES,
  MAX_CHUNK_SPAN_MS,
  MAX_EVENT_BYTES,
  MAX_FUTURE_MS,
} from '../limits.ts';

export interface LogEvent {
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

export interface RejectedEvents {
  tooNewLogEventStartIndex?: number;
  tooOldLogEventEndIndex?: number;
  expiredLogEventEndIndex?: number;
}

const DAY_MS = 24 * 3_600_000;

/** The size that AWS counts, in bytes. */
export function sizeOf(event: LogEvent): number {
  return Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
}

/** Why AWS refuses a batch as a whole, in its words; undefined when it does not. */
export function batchProblem(events: LogEvent[]): string | undefined {
  let total = 0;
  for (const [index, event] of events.entries()) {
    const size = sizeOf(event);
    if (size > MAX_EVENT_BYTES)
      return `Log event too large: ${size} bytes exceeds limit of ${MAX_EVENT_BYTES}`;
    total += size;
    const before = events[index - 1];
    if (before && before.timestamp > event.timestamp)
      return 'Log events in a single PutLogEvents request must be in chronological order.';
  }
  if (total > MAX_BATCH_BYTES)
    return `Upload too large: ${total} bytes exceeds limit of ${MAX_BATCH_BYTES}`;
  const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  return span > MAX_BATCH_SPAN_MS
    ? 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.'
    : undefined;
}

/** Sorts out the events that are too old, expired or too far in the future. @param now epoch milliseconds */
export function acceptEvents(
  events: LogEvent[],
  now: number,
  retentionDays: number | undefined,
): { accepted: LogEvent[]; rejected: RejectedEvents | undefined } {
  const countBefore = (limit: number) => {
    const index = events.findIndex((event) => event.timestamp >= limit);
    return index < 0 ? events.length : index;
  };
  const tooOld = countBefore(now - MAX_AGE_MS);
  const expired = retentionDays === undefined ? 0 : countBefore(now - retentionDays * DAY_MS);
  const tooNew = countBefore(now + MAX_FUTURE_MS + 1);
  const rejected = {
    ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  return {
    accepted: events.slice(Math.max(tooOld, expired), tooNew),
    rejected: Object.keys(rejected).length ? rejected : undefined,
  };
}

/** Cuts a batch into runs of at most MAX_CHUNK_SPAN_MS and MAX_CHUNK_BYTES. */
export function chunksOf(events: LogEvent[]): LogEvent[][] {
  const chunks: LogEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const chunk = chunks.at(-1);
    const start = chunk?.[0]?.timestamp ?? 0;
    bytes += sizeOf(event);
    if (chunk && event.timestamp - start <= MAX_CHUNK_SPAN_MS && bytes <= MAX_CHUNK_BYTES) {
      chunk.push(event);
    } else {
      chunks.push([event]);
      bytes = sizeOf(event);
    }
  }
  return chunks;
}

/** `slipway-offset:N`, by which a writer makes its puts idempotent; undefined for AWS's own tokens, which mean nothing any more. */
export function offsetIn(sequenceToken: string | undefined): number | undefined {
  const match = /^slipway-offset:(\d{1,15})$/.exec(sequenceToken ?? '');
  return match ? Number(match[1]) : undefined;
}
