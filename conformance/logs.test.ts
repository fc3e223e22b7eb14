import { spawn } from 'node:child_process';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { has } from './run.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 180_000 };

const GROUP = '/aws/codebuild/conformance';

/** Version 2 of the aws command, which alone has `logs tail`: Debian's is at a fixed place. */
const awsV2 = ['aws', '/usr/bin/aws'].find((command) => has(command, 'logs', 'tail', 'help'));

/** Has `logs start-live-tail`, which version 2 has since 2.15 and version 1 since 1.33. */
const liveAws = ['aws', '/usr/bin/aws'].find((command) =>
  has(command, 'logs', 'start-live-tail', 'help'),
);

describe('CloudWatch Logs', () => {
  let server: TestServer;
  let logs: CloudWatchLogsClient;

  beforeAll(async () => {
    server = await startServer();
    logs = new CloudWatchLogsClient(server.client);
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  });
  afterAll(async () => {
    logs?.destroy();
    await server?.stop();
  });

  const makeStream = (logStreamName: string) =>
    logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
  const put = (logStreamName: string, messages: string[], sequenceToken?: string) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: GROUP,
        logStreamName,
        logEvents: messages.map((message) => ({ timestamp: Date.now(), message })),
        sequenceToken,
      }),
    );

  it.skipIf(noAws)('the aws command writes and reads', SLOW, async () => {
    await aws(server)`logs create-log-group --log-group-name cli --tags a=b`;
    await aws(server)`logs create-log-stream --log-group-name cli --log-stream-name s`;
    const event = `timestamp=${Date.now()},message=hello`;
    await aws(server)`logs put-log-events --log-group-name cli --log-stream-name s
      --log-events ${event}`;
    const page = await aws(server)`logs get-log-events --log-group-name cli --log-stream-name s`;
    expect(page.events).toMatchObject([{ message: 'hello' }]);
    const found = await aws(server)`logs filter-log-events --log-group-name cli
      --filter-pattern hel`;
    expect(found.events).toMatchObject([{ message: 'hello', logStreamName: 's' }]);
    expect(
      await awsError(server)`logs get-log-events --log-group-name no --log-stream-name s`,
    ).toBe('ResourceNotFoundException: The specified log group does not exist.');
    expect(await awsError(server)`logs create-log-group --log-group-name 'a b'`).toBe(
      "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy " +
        'constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    );
    expect(await awsError(server)`logs describe-deliveries`).toMatch(
      /^NotImplemented: .*logs:DescribeDeliveries/,
    );
  });

  it.skipIf(noAws)('answers the examples of its documentation', SLOW, async () => {
    const run = aws(server);
    const arn = `arn:aws:logs:${server.region}:${server.accountId}:log-group:my-logs`;
    expect(await run`logs create-log-group --log-group-name my-logs`).toEqual({});
    for (const day of ['20150531', '20150601'])
      expect(
        await run`logs create-log-stream --log-group-name my-logs --log-stream-name ${day}`,
      ).toEqual({});
    expect(
      await run`logs put-retention-policy --log-group-name my-logs --retention-in-days 5`,
    ).toEqual({});
    expect(await run`logs describe-log-groups --log-group-name-prefix my-logs`).toEqual({
      logGroups: [
        {
          ...{ storedBytes: 0, metricFilterCount: 0, creationTime: expect.any(Number) },
          ...{ logGroupName: 'my-logs', retentionInDays: 5, arn: `${arn}:*` },
          // Younger than the example.
          ...{ logGroupArn: arn, logGroupClass: 'STANDARD' },
          deletionProtectionEnabled: false,
        },
      ],
    });
    const stream = (logStreamName: string) => ({
      ...{ creationTime: expect.any(Number), logStreamName, storedBytes: 0 },
      arn: `${arn}:log-stream:${logStreamName}`,
      uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
    });
    expect(
      await run`logs describe-log-streams --log-group-name my-logs --log-stream-name-prefix 2015`,
    ).toEqual({ logStreams: [stream('20150531'), stream('20150601')] });
    const example = [56, 58, 60].map((end, n) => ({
      timestamp: 1433190184300 + end,
      message: `Example Event ${n + 1}`,
    }));
    const put = (events: object[], ...more: string[]) =>
      run`logs put-log-events --log-group-name my-logs --log-stream-name 20150601
        --log-events ${JSON.stringify(events)} ${more}`;
    // The example's events are older than the retention that another one gives the group.
    const { nextSequenceToken, ...rejected } = await put(example);
    expect(nextSequenceToken).toMatch(/^\d{56}$/);
    expect(rejected).toEqual({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 3, expiredLogEventEndIndex: 3 },
    });
    const by = Date.now() - 1433190184360;
    const young = example.map(({ timestamp, message }) => ({ timestamp: timestamp + by, message }));
    expect(await put(young, '--sequence-token', String(nextSequenceToken))).toEqual({
      nextSequenceToken: expect.stringMatching(/^\d{56}$/),
    });
    // Tokens have become longer, too.
    expect(
      await run`logs get-log-events --log-group-name my-logs --log-stream-name 20150601`,
    ).toEqual({
      nextForwardToken: expect.stringMatching(/^f\/\d{56}\/s$/),
      events: young.map((event) => ({ ...event, ingestionTime: expect.any(Number) })),
      nextBackwardToken: expect.stringMatching(/^b\/\d{56}\/s$/),
    });
    expect(await run`logs delete-retention-policy --log-group-name my-logs`).toEqual({});
    const { logGroups } = await run`logs describe-log-groups --log-group-name-prefix my-logs`;
    expect(logGroups).toEqual([expect.not.objectContaining({ retentionInDays: 5 })]);
    expect(
      await run`logs delete-log-stream --log-group-name my-logs --log-stream-name 20150531`,
    ).toEqual({});
    expect(await run`logs delete-log-group --log-group-name my-logs`).toEqual({});
    expect(await run`logs describe-log-groups --log-group-name-prefix my-logs`).toEqual({
      logGroups: [],
    });
  });

  it.skipIf(!awsV2)(
    'aws logs tail --follow shows a stream as it grows, each line once',
    SLOW,
    async () => {
      await makeStream('tail');
      await put('tail', ['before']);
      const args = [
        '--endpoint-url',
        server.endpoint,
        'logs',
        'tail',
        GROUP,
        '--follow',
        '--format',
        'short',
        '--since',
        '1h',
      ];
      const tail = spawn(awsV2 ?? 'aws', [...args, '--log-stream-names', 'tail'], {
        env: { ...server.env, PYTHONUNBUFFERED: '1' },
      });
      let shown = '';
      const saw = (text: string) =>
        new Promise<void>((resolve, reject) => {
          const look = () => shown.includes(text) && resolve();
          tail.stdout.on('data', look);
          tail.once('exit', () => reject(new Error(`aws logs tail ended: ${shown}`)));
          look();
        });
      tail.stdout.on('data', (chunk) => {
        shown += chunk;
      });
      tail.stderr.on('data', (chunk) => {
        shown += chunk;
      });
      try {
        await saw('before');
        await put('tail', ['one', 'two']);
        await saw('two');
        await put('tail', ['three']);
        await saw('three');
      } finally {
        tail.kill('SIGKILL');
      }
      const words = shown
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1));
      expect(words).toEqual(['before', 'one', 'two', 'three']);
    },
  );

  const showsLive = async () => {
    await makeStream('live');
    const arn = `arn:aws:logs:${server.region}:${server.accountId}:log-group:${GROUP}`;
    const args = ['--endpoint-url', server.endpoint, 'logs', 'start-live-tail'];
    const tail = spawn(liveAws ?? 'aws', [...args, '--log-group-identifiers', arn], {
      env: { ...server.env, PYTHONUNBUFFERED: '1' },
    });
    let shown = '';
    for (const out of [tail.stdout, tail.stderr])
      out.on('data', (chunk) => {
        shown += chunk;
      });
    try {
      // The session has begun when something comes through.
      await eventually('the live tail', async () => {
        await put('live', ['hello']);
        return shown.includes('hello');
      });
    } finally {
      tail.kill('SIGKILL');
    }
  };
  // Debian's command has none; src/services/logs has a test with the SDK's client.
  if (liveAws) it('aws logs start-live-tail shows lines as they come', SLOW, showsLive);

  it('a live tail shows a line within 200 ms', SLOW, async () => {
    await makeStream('fast');
    const live = new CloudWatchLogsClient({ ...server.client, disableHostPrefix: true });
    const arn = `arn:aws:logs:${server.region}:${server.accountId}:log-group:${GROUP}`;
    const { responseStream = [] } = await live.send(
      new StartLiveTailCommand({ logGroupIdentifiers: [arn], logStreamNames: ['fast'] }),
    );
    // The best of a few: the machine has other work.
    let best = Number.POSITIVE_INFINITY;
    let began = performance.now();
    let lines = 0;
    for await (const {
      sessionUpdate,
    } of responseStream as AsyncIterable<StartLiveTailResponseStream>) {
      if (sessionUpdate?.sessionResults?.length) best = Math.min(best, performance.now() - began);
      if (sessionUpdate && !sessionUpdate.sessionResults?.length) continue;
      if (lines++ === 5) break;
      began = performance.now();
      await put('fast', [`line ${lines}`]);
    }
    expect(best).toBeLessThan(200);
    live.destroy();
  });

  it.skipIf(noAws)('a metric filter makes a metric of what it finds', SLOW, async () => {
    await makeStream('metric');
    await aws(server)`logs put-metric-filter --log-group-name ${GROUP} --filter-name failures
      --filter-pattern FAILURE
      --metric-transformations metricName=Failures,metricNamespace=Conformance,metricValue=1`;
    await put('metric', ['FAILURE one', 'fine', 'FAILURE two']);
    const [from, to] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const datapoints = await eventually('the metric', async () => {
      const found = await aws(server)`cloudwatch get-metric-statistics --namespace Conformance
        --metric-name Failures --start-time ${from ?? ''} --end-time ${to ?? ''}
        --period 86400 --statistics Sum`;
      const { Datapoints } = found as { Datapoints: { Sum: number }[] };
      return Datapoints.length > 0 && Datapoints;
    });
    expect(datapoints.reduce((sum, { Sum }) => sum + Sum, 0)).toBe(2);
  });

  it.skipIf(noAws)('a query that was running is run again after kill -9', SLOW, async () => {
    await makeStream('query');
    await put('query', ['ERROR one', 'INFO', 'ERROR two']);
    const text = 'filter @message like /ERROR/ | stats count(*) as n';
    const { queryId } = await aws(server)`logs start-query --log-group-names ${GROUP}
      --start-time 0 --end-time ${String(Math.floor(Date.now() / 1000))} --query-string ${text}`;
    await server.kill();
    await server.restart();
    const answer = await eventually('the query', async () => {
      const found = await aws(server)`logs get-query-results --query-id ${String(queryId)}`;
      return found.status === 'Complete' && found;
    });
    expect(answer).toMatchObject({ results: [[{ field: 'n', value: '2' }]] });
  });

  it('a put with an offset survives kill -9 and is not taken twice', async () => {
    await makeStream('offset');
    await put('offset', ['one'], 'slipway-offset:1');
    await server.kill();
    await server.restart();
    await put('offset', ['one'], 'slipway-offset:1');
    await put('offset', ['two'], 'slipway-offset:2');
    const { events } = await logs.send(
      new GetLogEventsCommand({
        logGroupName: GROUP,
        logStreamName: 'offset',
        startFromHead: true,
      }),
    );
    expect(events?.map((e) => e.message)).toEqual(['one', 'two']);
  });

  it('keeps up with ten megabytes of build output, and reads it back whole', async () => {
    await makeStream('big');
    const line = 'x'.repeat(200);
    const batch = Array.from({ length: 4000 }, (_, i) => `${i} ${line}`);
    for (let i = 0; i < 12; i++) await put('big', batch);
    let count = 0;
    let nextToken: string | undefined;
    do {
      const page: { events?: object[]; nextToken?: string } = await logs.send(
        new FilterLogEventsCommand({ logGroupName: GROUP, logStreamNames: ['big'], nextToken }),
      );
      count += page.events?.length ?? 0;
      nextToken = page.nextToken;
    } while (nextToken);
    expect(count).toBe(48_000);
  });
});
