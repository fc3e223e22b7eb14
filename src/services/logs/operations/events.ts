import { unsupported } from '../../../aws/errors.ts';
import { on } from '../../../kit/resource.ts';
import { invalidToken, streamNotFound } from '../errors.ts';
import { MAX_PAGE_BYTES, MAX_PAGE_EVENTS } from '../limits.ts';
import { sizeOf } from '../model/batch.ts';
import { FIRST_POSITION, isEventId, successor } from '../model/event-id.ts';
import { retentionStart } from '../model/retention.ts';
import { logGroup } from '../resources/log-group.ts';
import { type EventQuery, readEvents, type StoredEvent } from '../store/events.ts';
import { dataKeyOf } from '../store/sealing.ts';
import { findStream } from '../store/streams.ts';
import { logs } from './declare.ts';

export const getLogEvents = logs(
  'getLogEvents',
  on(logGroup, (input) => input),
  async (ctx, input, group) => {
    if (input.unmask) throw unsupported('the parameter unmask');
    const stream = await findStream(ctx.db, group, group.name, input.logStreamName ?? '');
    if (!stream) throw streamNotFound();
    const token = parseToken(input.nextToken);
    const descending = token ? token.direction === 'b' : !input.startFromHead;
    const query: EventQuery = {
      groupId: group.id,
      key: dataKeyOf(ctx, group),
      streamIds: [stream.id],
      start: Math.max(input.startTime ?? 0, retentionStart(ctx.clock.now(), group.retention_days)),
      // "Events with a timestamp equal to or later than this time are not included."
      end: input.endTime === undefined ? Number.MAX_SAFE_INTEGER : input.endTime - 1,
      beyond: token?.position,
      descending,
    };
    const page = await readPage(readEvents(ctx.db, query), input.limit ?? MAX_PAGE_EVENTS);
    if (descending) page.reverse();
    return {
      events: page.map((e) => ({
        timestamp: e.timestamp,
        message: e.message,
        ingestionTime: e.ingestedAt,
      })),
      ...tokensOf(page, token),
    };
  },
);

interface Token {
  direction: 'f' | 'b';
  /** Forward: the last event that was seen. Backward: the first. */
  position: string;
}

function parseToken(text: string | undefined): Token | undefined {
  if (text === undefined) return undefined;
  const match = /^([fb])\/(\d+)\/s$/.exec(text);
  if (!match?.[2] || !isEventId(match[2])) throw invalidToken();
  return { direction: match[1] as 'f' | 'b', position: match[2] };
}

async function readPage(
  batches: AsyncGenerator<{ events: StoredEvent[] }>,
  limit: number,
): Promise<StoredEvent[]> {
  const page: StoredEvent[] = [];
  let bytes = 0;
  for await (const { events } of batches) {
    for (const event of events) {
      bytes += sizeOf(event);
      if (page.length > 0 && bytes > MAX_PAGE_BYTES) return page;
      page.push(event);
      if (page.length >= limit) return page;
    }
  }
  return page;
}

/** At either end AWS answers the very token that it was given: that is how clients see the end. */
function tokensOf(page: StoredEvent[], token: Token | undefined) {
  const first = page[0]?.id;
  const last = page.at(-1)?.id;
  if (first !== undefined && last !== undefined) return format(last, first);
  if (!token) return format(FIRST_POSITION, FIRST_POSITION);
  return token.direction === 'f'
    ? format(token.position, successor(token.position))
    : format(predecessor(token.position), token.position);
}

const format = (forward: string, backward: string) => ({
  nextForwardToken: `f/${forward}/s`,
  nextBackwardToken: `b/${backward}/s`,
});

/** The position right before an id. */
function predecessor(id: string): string {
  return id === FIRST_POSITION ? id : (BigInt(id) - 1n).toString().padStart(id.length, '0');
}
