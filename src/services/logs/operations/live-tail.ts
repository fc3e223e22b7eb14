import { randomUUID } from 'node:crypto';
import {
  type LiveTailSessionLogEvent,
  SessionStreamingException,
  SessionTimeoutException,
  type StartLiveTailCommandInput,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { exception, unsupported } from '../../../aws/errors.ts';
import { onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { nextTurn } from '../../../lib/turns.ts';
import { groupNotFound, invalidOperation, invalidParameter, limitExceeded } from '../errors.ts';
import {
  MAX_TAIL_EVENTS,
  MAX_TAIL_GROUPS,
  MAX_TAIL_MS,
  MAX_TAILS,
  TAIL_PERIOD_MS,
} from '../limits.ts';
import { blocksOf } from '../model/blocks.ts';
import type { Filter } from '../model/matcher.ts';
import { groupArn } from '../resources/arns.ts';
import { logGroup } from '../resources/log-group.ts';
import { Arrivals } from '../store/arrivals.ts';
import { findGroupById } from '../store/groups.ts';
import type { PolicedGroup } from '../store/policies.ts';
import { dataKeyOf, openChunk } from '../store/sealing.ts';
import type { ChunkRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { compile } from './filtered-events.ts';

/** Rings when events come into any group of an account. */
export const arrivalsTopic = ({ accountId, region }: { accountId: string; region: string }) =>
  `logs/events/${accountId}/${region}`;

export const startLiveTail = logs(
  'startLiveTail',
  onEach(logGroup, ({ logGroupIdentifiers = [] }) =>
    logGroupIdentifiers.map((logGroupIdentifier) => ({ logGroupIdentifier })),
  ),
  async (ctx, input, found) => {
    check(input);
    const groups = found.map(({ thing }) => {
      if (!thing) throw groupNotFound();
      if (thing.accountId !== ctx.accountId) throw unsupported('live tails of other accounts');
      if (thing.class !== 'STANDARD')
        throw invalidOperation(`Live Tail does not take log groups of the class ${thing.class}.`);
      return thing;
    });
    const filter = compile(input.logEventFilterPattern);
    const end = enter(ctx);
    return { responseStream: closing(tail(ctx, input, groups, filter), end) };
  },
);

/** @throws InvalidParameterException */
function check({ logGroupIdentifiers = [], ...input }: StartLiveTailCommandInput): void {
  if (logGroupIdentifiers.length === 0 || logGroupIdentifiers.length > MAX_TAIL_GROUPS)
    throw invalidParameter(`A live tail has 1 to ${MAX_TAIL_GROUPS} log groups.`);
  const { logStreamNames, logStreamNamePrefixes } = input;
  if (logStreamNames?.length && logStreamNamePrefixes?.length)
    throw invalidParameter(
      'logStreamNames and logStreamNamePrefixes cannot be specified together.',
    );
  if ((logStreamNames?.length || logStreamNamePrefixes?.length) && logGroupIdentifiers.length > 1)
    throw invalidParameter('Log streams can be specified for one log group only.');
}

/** Sessions of each account, by server: a process may have several. */
const servers = new WeakMap<object, Map<string, number>>();

/** Counts a session. @returns what ends it @throws LimitExceededException */
function enter({ engine, accountId }: ServiceContext): () => void {
  const sessions = servers.get(engine) ?? new Map<string, number>();
  servers.set(engine, sessions);
  const count = sessions.get(accountId) ?? 0;
  if (count >= MAX_TAILS) throw limitExceeded();
  sessions.set(accountId, count + 1);
  return () => {
    const left = (sessions.get(accountId) ?? 1) - 1;
    if (left > 0) sessions.set(accountId, left);
    else sessions.delete(accountId);
  };
}

/** The same events; `end` is called once when they are over, or when nobody wants more. */
function closing<T>(events: AsyncGenerator<T>, end: () => void): AsyncIterable<T> {
  let ended = false;
  const finish = () => {
    if (!ended) end();
    ended = true;
  };
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const next = await events.next();
          if (next.done) finish();
          return next;
        } catch (error) {
          finish();
          throw error;
        }
      },
      // A generator hears of it only when it goes on; the session is over now.
      return(value) {
        finish();
        void events.return(value);
        return Promise.resolve({ done: true, value });
      },
    }),
  };
}

async function* tail(
  ctx: ServiceContext,
  input: StartLiveTailCommandInput,
  groups: PolicedGroup[],
  filter: Filter,
): AsyncGenerator<StartLiveTailResponseStream> {
  const began = ctx.clock.now().getTime();
  const sources: { group: PolicedGroup; arrivals: Arrivals }[] = [];
  for (const group of groups) {
    const arrivals = await Arrivals.from(ctx.db, group, wanted(input), began);
    sources.push({ group, arrivals });
  }
  yield { sessionStart: startOf(ctx, input, groups) };
  const meter = makeMeter();
  const look = async () => {
    const found: LiveTailSessionLogEvent[] = [];
    for (const { group, arrivals } of sources) {
      const { chunks, left } = await arrivals.next();
      if (left) meter.skip();
      for (const { chunk, stream } of chunks) {
        for (const event of await eventsOf(ctx, group, chunk, filter))
          if (meter.takes(ctx.clock.now().getTime()))
            found.push({ ...event, logStreamName: stream });
      }
    }
    return found.length > 0 ? found : undefined;
  };
  for (;;) {
    const now = ctx.clock.now().getTime();
    if (now - began >= MAX_TAIL_MS)
      throw exception(SessionTimeoutException, 'Session has timed out.');
    const until = new Date(now + TAIL_PERIOD_MS);
    const sessionResults = await ctx.engine.heard(arrivalsTopic(ctx), look, {
      until,
      signal: ctx.signal,
    });
    if (ctx.signal.aborted) return;
    // The server stops.
    if (!sessionResults && ctx.clock.now() < until)
      throw exception(SessionStreamingException, 'The session has ended.');
    yield {
      sessionUpdate: {
        sessionMetadata: { sampled: meter.sampled() },
        sessionResults: sessionResults ?? [],
      },
    };
  }
}

function startOf(ctx: ServiceContext, input: StartLiveTailCommandInput, groups: PolicedGroup[]) {
  return {
    requestId: ctx.requestId,
    sessionId: randomUUID(),
    logGroupIdentifiers: groups.map((group) => groupArn(group, group.name)),
    logStreamNames: input.logStreamNames ?? [],
    logStreamNamePrefixes: input.logStreamNamePrefixes ?? [],
    logEventFilterPattern: input.logEventFilterPattern ?? '',
  };
}

function wanted(input: StartLiveTailCommandInput): (stream: string) => boolean {
  const { logStreamNames: names, logStreamNamePrefixes: prefixes } = input;
  if (names?.length) return (stream) => names.includes(stream);
  if (prefixes?.length) return (stream) => prefixes.some((prefix) => stream.startsWith(prefix));
  return () => true;
}

/** Of more than so many events in a second the rest is left out. */
function makeMeter() {
  let second = 0;
  let taken = 0;
  let skipped = false;
  return {
    takes(now: number): boolean {
      const current = Math.floor(now / 1000);
      if (current !== second) taken = 0;
      second = current;
      taken++;
      if (taken > MAX_TAIL_EVENTS) skipped = true;
      return taken <= MAX_TAIL_EVENTS;
    },
    skip() {
      skipped = true;
    },
    /** Whether something was left out since this was asked last. */
    sampled(): boolean {
      const was = skipped;
      skipped = false;
      return was;
    },
  };
}

async function eventsOf(
  ctx: ServiceContext,
  group: PolicedGroup,
  chunk: ChunkRow,
  filter: Filter,
): Promise<Omit<LiveTailSessionLogEvent, 'logStreamName'>[]> {
  // Of a group that was empty the key is made later.
  const row = group.data_key === null ? await findGroupById(ctx.db, group.id) : group;
  const key = row && dataKeyOf(ctx, row);
  if (!key) return [];
  const { min_at: min, max_at: max, bytes } = chunk;
  const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
  const found = [];
  for (const block of blocksOf(openChunk(key, chunk.id, chunk.sealed), whole))
    for (const { timestamp, message } of block.open())
      if (filter.matches(message))
        found.push({
          ...{ logGroupIdentifier: groupArn(group, group.name), message, timestamp },
          ingestionTime: chunk.ingested_at,
        });
  await nextTurn();
  return found;
}
