import { setImmediate } from 'node:timers/promises';
import type {
  FilteredLogEvent,
  FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { unsupported } from '../../../aws/errors.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidParameter, invalidToken, streamNotFound } from '../errors.ts';
import { MAX_PAGE_BYTES, MAX_PAGE_EVENTS, MAX_SCAN_BYTES } from '../limits.ts';
import { sizeOf } from '../model/batch.ts';
import { isEventId } from '../model/event-id.ts';
import { parseFilterPattern } from '../model/filter-pattern.ts';
import { type Filter, FilterPatternError, UnsupportedPatternError } from '../model/matcher.ts';
import { retentionStart } from '../model/retention.ts';
import { logGroup } from '../resources/log-group.ts';
import { readEvents, type StoredEvent } from '../store/events.ts';
import type { PolicedGroup } from '../store/policies.ts';
import { dataKeyOf } from '../store/sealing.ts';
import { listStreams, namesOfStreams } from '../store/streams.ts';
import { logs } from './declare.ts';

export const filterLogEvents = logs(
  'filterLogEvents',
  on(logGroup, ({ logGroupName, logGroupIdentifier }) => ({ logGroupName, logGroupIdentifier })),
  async (ctx, input, group) => {
    if (input.unmask) throw unsupported('the parameter unmask');
    if (input.startFromHead === false) throw unsupported('startFromHead=false of FilterLogEvents');
    const filter = compile(input.filterPattern);
    const query = {
      groupId: group.id,
      key: dataKeyOf(ctx, group),
      streamIds: await streamIdsOf(ctx, group, input),
      start: Math.max(input.startTime ?? 0, retentionStart(ctx.clock.now(), group.retention_days)),
      end: input.endTime ?? Number.MAX_SAFE_INTEGER,
      beyond: openPosition(ctx, input.nextToken),
      descending: false,
    };
    const page = await collect(readEvents(ctx.db, query), filter, input.limit ?? MAX_PAGE_EVENTS);
    const names = await namesOfStreams(ctx.db, [
      ...new Set(page.events.map((event) => event.streamId)),
    ]);
    return {
      events: page.events.map((event) => describe(event, names.get(event.streamId) ?? '')),
      searchedLogStreams: [],
      ...(page.position !== undefined && { nextToken: ctx.sealToken(page.position) }),
    };
  },
);

/** @throws InvalidParameterException for a pattern that AWS refuses too */
export function compile(pattern: string | undefined): Filter {
  try {
    return parseFilterPattern(pattern ?? '');
  } catch (error) {
    if (error instanceof FilterPatternError) throw invalidParameter(error.message);
    if (error instanceof UnsupportedPatternError) throw unsupported(error.message);
    throw error;
  }
}

/** Ids of the streams that a call asks for; undefined for all of the group. */
async function streamIdsOf(
  ctx: ServiceContext,
  group: PolicedGroup,
  input: FilterLogEventsCommandInput,
): Promise<string[] | undefined> {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (names && prefix !== undefined) {
    throw invalidParameter('logStreamNames and logStreamNamePrefix cannot be specified together.');
  }
  if (!names && prefix === undefined) return undefined;
  const streams = await listStreams(ctx.db, group, group.name, {
    names,
    prefix,
    orderBy: 'LogStreamName',
    descending: false,
    limit: Number.MAX_SAFE_INTEGER,
  });
  if (names && streams.length < new Set(names).size) throw streamNotFound();
  return streams.map((stream) => stream.id);
}

function openPosition(ctx: ServiceContext, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const position = ctx.openToken(token);
  if (typeof position !== 'string' || !isEventId(position)) throw invalidToken();
  return position;
}

/** Characters gone over before others have their turn: a few milliseconds. */
const WORK_AT_ONCE = 1_000_000;

/** Looking at all of a large group takes a while: after so much work, others go first. */
function makeRest(turn: () => Promise<void>): (work: number) => Promise<void> | undefined {
  let done = 0;
  return (work) => {
    done += work;
    if (done < WORK_AT_ONCE) return undefined;
    done = 0;
    return turn();
  };
}

/** One page: full, at the end, or after so much reading that the caller gets what there is and comes again. */
export async function collect(
  batches: AsyncIterable<{ events: StoredEvent[]; bytes: number }>,
  filter: Filter,
  limit: number,
  turn: () => Promise<void> = setImmediate,
): Promise<{ events: StoredEvent[]; position?: string }> {
  const rest = makeRest(turn);
  const found: StoredEvent[] = [];
  let size = 0;
  let read = 0;
  let position: string | undefined;
  for await (const { events, bytes } of batches) {
    for (const event of events) {
      if (filter.matches(event.message)) {
        size += sizeOf(event);
        if (found.length >= limit || (found.length > 0 && size > MAX_PAGE_BYTES))
          return { events: found, position };
        found.push(event);
      }
      position = event.id;
      const pause = rest(event.message.length * filter.passes);
      if (pause) await pause;
    }
    read += bytes;
    if (read > MAX_SCAN_BYTES) return { events: found, position };
    await rest(WORK_AT_ONCE);
  }
  return { events: found };
}

function describe(event: StoredEvent, logStreamName: string): FilteredLogEvent {
  return {
    logStreamName,
    timestamp: event.timestamp,
    message: event.message,
    ingestionTime: event.ingestedAt,
    eventId: event.id,
  };
}

export const testMetricFilter = logs('testMetricFilter', {}, async (_ctx, input) => {
  const filter = compile(input.filterPattern);
  const all = (input.logEventMessages ?? []).map((eventMessage, index) => ({
    eventNumber: index + 1,
    eventMessage,
  }));
  const rest = makeRest(setImmediate);
  const matches = [];
  for (const each of all) {
    if (filter.matches(each.eventMessage))
      matches.push({
        ...each,
        extractedValues: Object.fromEntries(filter.extract?.(each.eventMessage) ?? []),
      });
    await rest(each.eventMessage.length * filter.passes);
  }
  return { matches };
});
