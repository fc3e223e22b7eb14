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
import { groupNotFound, invalidOperation, invalidParameter } from '../errors.ts';
import { MAX_TAIL_GROUPS, MAX_TAIL_MS, TAIL_PERIOD_MS } from '../limits.ts';
import type { LogEvent } from '../model/batch.ts';
import { blocksOf } from '../model/blocks.ts';
import type { Filter } from '../model/matcher.ts';
import { makeMeter } from '../model/tail-meter.ts';
import { groupArn } from '../resources/arns.ts';
import { logGroup } from '../resources/log-group.ts';
import { Arrivals } from '../store/arrivals.ts';
import { findGroupById } from '../store/groups.ts';
import type { PolicedGroup } from '../store/policies.ts';
import { dataKeyOf, openChunk } from '../store/sealing.ts';
import type { ChunkRow } from '../store/tables.ts';
import { enterTail } from '../tails/sessions.ts';
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
    const end = enterTail(ctx);
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

/** The same events; `end` is called when they are over, or when nobody wants more. */
function closing<T>(events: AsyncGenerator<T>, end: () => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const next = await events.next();
          if (next.done) end();
          return next;
        } catch (error) {
          end();
          throw error;
        }
      },
      // A generator hears of it only when it goes on; the session is over now.
      return(value) {
        end();
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
      const left = await arrivals.next(async (chunk, logStreamName) => {
        for (const event of await eventsOf(ctx, group, chunk)) {
          if (!filter.matches(event.message)) continue;
          // Nothing more is opened for this session before the second is over.
          if (!meter.takes(event, ctx.clock.now().getTime())) return false;
          found.push({
            ...{ logGroupIdentifier: groupArn(group, group.name), logStreamName },
            ...{ ...event, ingestionTime: chunk.ingested_at },
          });
        }
        await nextTurn();
        return true;
      });
      if (left) meter.skip();
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

async function eventsOf(
  ctx: ServiceContext,
  group: PolicedGroup,
  chunk: ChunkRow,
): Promise<Iterable<LogEvent>> {
  // Of a group that was empty the key is made later.
  const row = group.data_key === null ? await findGroupById(ctx.db, group.id) : group;
  const key = row && dataKeyOf(ctx, row);
  return key ? opened(key, chunk) : [];
}

/** Block by block, as they are wanted. */
function* opened(key: Buffer, chunk: ChunkRow): Generator<LogEvent> {
  const { min_at: min, max_at: max, bytes } = chunk;
  const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
  for (const block of blocksOf(openChunk(key, chunk.id, chunk.sealed), whole)) yield* block.open();
}
