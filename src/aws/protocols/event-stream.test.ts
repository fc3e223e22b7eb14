import { once } from 'node:events';
import type { Readable } from 'node:stream';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as s3 from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { type Api, apiOf } from '../api.ts';
import { makeBodyBudget } from '../auth/body-budget.ts';
import { rootPrincipal } from '../auth/root.ts';
import { makeDispatcher, served } from '../dispatcher.ts';
import type { WireRequest } from '../http.ts';
import { inProcessConfig } from '../in-process.ts';
import type { Authorizer, CredentialStore } from '../principal.ts';
import type { TokenSealer } from '../tokens.ts';
import { json11 } from './json.ts';

const failures: unknown[] = [];

/** The configuration of a client to which `name` answers with `output`. */
function serve(api: Api, name: string, output: object): object {
  const handle = async () => output;
  const dispatch = makeDispatcher({
    served: [
      served({
        api,
        operations: { [name]: Object.assign(handle, { authorize: 'none' as const }) },
      }),
    ],
    authorizer: {} as Authorizer,
    credentials: {} as CredentialStore,
    tokens: {} as TokenSealer,
    mode: 'strict',
    defaults: { accountId: '111111111111', region: 'eu-west-1' },
    clock: { now: () => new Date() } as never,
    budget: makeBodyBudget(),
    validate: () => undefined,
    context: (facts) => facts,
    record: () => {},
    unexpected: (error) => failures.push(error),
  });
  const identity = async () => ({ principal: rootPrincipal('111111111111'), region: 'eu-west-1' });
  const place = { service: api.name, region: 'eu-west-1', endpoint: 'http://127.0.0.1' };
  return inProcessConfig(dispatch, identity, place);
}

async function collected<T>(events: AsyncIterable<T> | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events ?? []) found.push(event);
  return found;
}

/** What a client sees of a live tail that goes as `events` do. */
async function tail(events: () => AsyncIterable<object>) {
  const config = serve(apiOf(logs), 'startLiveTail', { responseStream: events() });
  const client = new logs.CloudWatchLogsClient(config);
  const arn = 'arn:aws:logs:eu-west-1:111111111111:log-group:a';
  const command = new logs.StartLiveTailCommand({ logGroupIdentifiers: [arn] });
  return collected((await client.send(command)).responseStream);
}

describe('JSON: a live tail', () => {
  const update = {
    sessionMetadata: { sampled: false },
    sessionResults: [{ message: 'a line', timestamp: 1, ingestionTime: 2 }],
  };

  test('comes event by event, behind the answer itself', async () => {
    const events = tail(async function* () {
      yield { sessionStart: { sessionId: 's', logGroupIdentifiers: ['a'] } };
      yield { sessionUpdate: update };
    });
    expect(await events).toEqual([
      { sessionStart: { sessionId: 's', logGroupIdentifiers: ['a'] } },
      { sessionUpdate: update },
    ]);
  });

  test('ends with the exception that ends it', async () => {
    const ended = tail(async function* () {
      yield { sessionUpdate: update };
      throw new logs.SessionTimeoutException({ message: 'three hours', $metadata: {} });
    });
    await expect(ended).rejects.toMatchObject({
      name: 'SessionTimeoutException',
      message: 'three hours',
    });
    expect(failures).toEqual([]);
  });

  test('that breaks for a reason of ours says no more than that, and is told to us', async () => {
    const secret = new Error('a path of this machine');
    // biome-ignore lint/correctness/useYield: it breaks before its first event
    const broken = tail(async function* () {
      throw secret;
    });
    await expect(broken).rejects.toMatchObject({ name: 'InternalFailure' });
    await expect(broken).rejects.not.toThrow(/path of this machine/);
    expect(failures.splice(0)).toEqual([secret]);
  });
});

test('REST: events of bytes, of a document, of nothing', async () => {
  async function* events() {
    yield { Records: { Payload: Buffer.from('1,2') } };
    yield { Stats: { Details: { BytesScanned: 7, BytesReturned: 3 } } };
    yield { End: {} };
  }
  const api = apiOf(s3, { address: () => ({ labels: { Bucket: 'b' }, path: '/k' }) });
  const client = new s3.S3Client(serve(api, 'selectObjectContent', { Payload: events() }));
  const csv = { CSV: {} };
  const { Payload } = await client.send(
    new s3.SelectObjectContentCommand({
      ...{ Bucket: 'b', Key: 'k', Expression: 'select *', ExpressionType: 'SQL' },
      ...{ InputSerialization: csv, OutputSerialization: csv },
    }),
  );
  const [records, stats, end] = await collected(Payload);
  expect(Buffer.from(records?.Records?.Payload ?? []).toString()).toBe('1,2');
  expect(stats).toEqual({ Stats: { Details: { BytesScanned: 7, BytesReturned: 3 } } });
  expect(end).toEqual({ End: {} });
});

test('a client that hangs up ends what makes the events, also while there are none', async () => {
  let ended = false;
  const quiet = {
    next: () => new Promise<never>(() => {}),
    async return() {
      ended = true;
      return { done: true as const, value: undefined };
    },
    [Symbol.asyncIterator]: () => quiet,
  };
  const api = apiOf(logs);
  const request = {} as WireRequest;
  const call = { api, protocol: json11, operation: 'StartLiveTail', request };
  const { body } = json11.encode(call, { responseStream: quiet }, 'id');
  const stream = body as Readable;
  // The answer itself; nothing follows.
  await once(stream, 'readable');
  expect(stream.read()).not.toBeNull();
  stream.destroy();
  await once(stream, 'close');
  expect(ended).toBe(true);
});
