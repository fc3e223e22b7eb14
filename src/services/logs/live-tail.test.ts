import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const GROUP = '/app/web';
const ARN = `arn:aws:logs:eu-west-1:111111111111:log-group:${GROUP}`;

eachDialect('live tails', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    logs = server.client(CloudWatchLogsClient);
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    for (const logStreamName of ['a', 'b'])
      await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
    await server.start();
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const put = (logStreamName: string, ...messages: string[]) =>
    logs.send(
      new PutLogEventsCommand({
        ...{ logGroupName: GROUP, logStreamName },
        logEvents: messages.map((message) => ({
          timestamp: server.clock.now().getTime(),
          message,
        })),
      }),
    );
  async function open(input: object = {}) {
    const { responseStream } = await logs.send(
      new StartLiveTailCommand({ logGroupIdentifiers: [ARN], ...input }),
    );
    const events = (responseStream as AsyncIterable<StartLiveTailResponseStream>)[
      Symbol.asyncIterator
    ]();
    const next = async () => (await events.next()).value as StartLiveTailResponseStream;
    const messages = async () =>
      (await next()).sessionUpdate?.sessionResults?.map(({ message }) => message);
    return { events, next, messages, start: await next() };
  }

  it('show what is put while they last, and no more', async () => {
    await put('a', 'before');
    const { start, next, messages, events } = await open();
    expect(start.sessionStart).toMatchObject({
      logGroupIdentifiers: [ARN],
      sessionId: expect.any(String),
    });
    await put('a', 'one', 'two');
    expect((await next()).sessionUpdate).toEqual({
      sessionMetadata: { sampled: false },
      sessionResults: ['one', 'two'].map((message) => ({
        ...{ logGroupIdentifier: ARN, logStreamName: 'a', message },
        timestamp: server.clock.now().getTime(),
        ingestionTime: server.clock.now().getTime(),
      })),
    });
    await put('b', 'three');
    expect(await messages()).toEqual(['three']);
    server.clock.advance(1000);
    expect(await messages()).toEqual([]);
    await events.return?.();
  });

  it('show what a pattern and names of streams leave', async () => {
    const { messages, events } = await open({
      logStreamNamePrefixes: ['a'],
      logEventFilterPattern: 'ERROR',
    });
    await put('b', 'ERROR elsewhere');
    await put('a', 'INFO', 'ERROR here');
    expect(await messages()).toEqual(['ERROR here']);
    await events.return?.();
  });

  it('leave out what is more than 500 a second, and say so', async () => {
    const { next, events } = await open();
    await put('a', ...Array.from({ length: 700 }, (_, i) => `line ${i}`));
    const { sessionUpdate } = await next();
    expect(sessionUpdate?.sessionMetadata).toEqual({ sampled: true });
    expect(sessionUpdate?.sessionResults).toHaveLength(500);
    await events.return?.();
  });

  it('end after three hours', async () => {
    const { events } = await open();
    const ended = (async () => {
      for (;;) await events.next();
    })();
    server.clock.advance(3 * 3_600_000);
    await expect(ended).rejects.toMatchObject({ name: 'SessionTimeoutException' });
  });

  it('are fifteen at most, and an end makes room', async () => {
    const all = [];
    for (let i = 0; i < 15; i++) all.push(await open());
    await expect(open()).rejects.toMatchObject({ name: 'LimitExceededException' });
    server.clock.advance(3 * 3_600_000);
    for (const { events } of all) {
      await expect(
        (async () => {
          for (;;) await events.next();
        })(),
      ).rejects.toMatchObject({ name: 'SessionTimeoutException' });
    }
    const { events } = await open();
    await events.return?.();
  });

  it.each([
    [{ logGroupIdentifiers: [] }, 'InvalidParameterException'],
    [{ logGroupIdentifiers: [`${ARN}x`] }, 'ResourceNotFoundException'],
    [{ logStreamNames: ['a'], logStreamNamePrefixes: ['b'] }, 'InvalidParameterException'],
    [{ logEventFilterPattern: '[' }, 'InvalidParameterException'],
  ])('refuse %j', async (input, name) => {
    await expect(open(input)).rejects.toMatchObject({ name });
  });
});
