import type { PutMetricDataCommand, PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  type MetricTransformation,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  TestMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { ActAs, ClientClass } from '../../kit/platform.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const GROUP = '/app/web';
const MINUTE = 60_000;

eachDialect('metric filters', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;
  let now: number;
  let sent: PutMetricDataCommandInput[];
  let actAs: ActAs[];
  let isDown: boolean;
  let wrong: string | undefined;

  beforeEach(async () => {
    sent = [];
    actAs = [];
    isDown = false;
    wrong = undefined;
    const cloudwatch = {
      async send({ input }: PutMetricDataCommand) {
        if (isDown) throw new Error('CloudWatch is down.');
        if (input.MetricData?.some(({ MetricName }) => MetricName === wrong)) {
          const $metadata = { httpStatusCode: 400 };
          throw Object.assign(new Error('no'), { name: 'InvalidParameterValue', $metadata });
        }
        sent.push(input);
      },
    };
    server = await world(makeDatabase, [service], {
      around: {
        client:
          (real) =>
          <T extends { destroy(): void }>(Client: ClientClass<T>, as: ActAs) => {
            if (Client.name !== 'CloudWatchClient') return real(Client, as);
            actAs.push(as);
            return cloudwatch as unknown as T;
          },
      },
    });
    logs = server.client(CloudWatchLogsClient);
    now = server.clock.now().getTime();
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 's' }));
  });

  const put = (...messages: string[]) =>
    logs.send(
      new PutLogEventsCommand({
        ...{ logGroupName: GROUP, logStreamName: 's' },
        logEvents: messages.map((message) => ({
          timestamp: server.clock.now().getTime(),
          message,
        })),
      }),
    );
  const filter = (
    filterPattern: string,
    transformation: Partial<MetricTransformation> = {},
    filterName = 'errors',
  ) =>
    logs.send(
      new PutMetricFilterCommand({
        ...{ logGroupName: GROUP, filterName, filterPattern },
        metricTransformations: [
          { metricName: 'Errors', metricNamespace: 'App', metricValue: '1', ...transformation },
        ],
      }),
    );
  const minute = () => new Date(Math.floor(now / MINUTE) * MINUTE);

  afterEach(() => expect(server.failures).toEqual([]));

  it('put what they find as metrics, as the service and for the group', async () => {
    await put('ERROR before the filter');
    server.clock.advance(1);
    await filter('ERROR');
    await put('ERROR one', 'INFO', 'ERROR two');
    await server.runDue();
    expect(sent).toEqual([
      {
        Namespace: 'App',
        MetricData: [{ MetricName: 'Errors', Timestamp: minute(), Values: [1], Counts: [2] }],
      },
    ]);
    expect(actAs[0]).toMatchObject({
      service: 'logs.amazonaws.com',
      sourceArn: `arn:aws:logs:eu-west-1:111111111111:log-group:${GROUP}`,
    });
    await server.sweep();
    expect(sent).toHaveLength(1);
  });

  it('are not kept from others by an event of which CloudWatch takes nothing', async () => {
    await filter('{ $.ms = * }', { metricValue: '$.ms', dimensions: { Path: '$.path' } });
    await filter('{ $.ms = * }', { metricName: 'Wrong' }, 'wrong');
    wrong = 'Wrong';
    const long = 'x'.repeat(1025);
    await put('{"ms":5,"path":"/"}', '{"ms":1e300,"path":"/"}', `{"ms":6,"path":"${long}"}`);
    await server.runDue();
    const Dimensions = [{ Name: 'Path', Value: '/' }];
    expect(sent).toMatchObject([
      { MetricData: [{ MetricName: 'Errors', Dimensions, Values: [5], Counts: [1] }] },
    ]);
  });

  it('take values, dimensions and units out of events', async () => {
    await filter('{ $.ms >= 0 }', {
      metricValue: '$.ms',
      dimensions: { Path: '$.path' },
      unit: 'Milliseconds',
    });
    await filter('[level, bytes > 10]', { metricName: 'Bytes', metricValue: '$bytes' }, 'bytes');
    await put(
      '{"ms":7,"path":"/a"}',
      '{"ms":7,"path":"/a"}',
      '{"ms":1.5,"path":"/a"}',
      '{"ms":2,"path":"/b"}',
      '{"ms":2}',
      'INFO 12',
      'INFO 1',
    );
    await server.runDue();
    const at = { Timestamp: minute() };
    const ms = { MetricName: 'Errors', Unit: 'Milliseconds', ...at };
    expect(sent.flatMap(({ MetricData = [] }) => MetricData)).toEqual([
      { MetricName: 'Bytes', ...at, Values: [12], Counts: [1] },
      { ...ms, Values: [7, 1.5], Counts: [2, 1], Dimensions: [{ Name: 'Path', Value: '/a' }] },
      { ...ms, Values: [2], Counts: [1], Dimensions: [{ Name: 'Path', Value: '/b' }] },
    ]);
  });

  it('put the default value for a minute in which nothing matched, once it is over', async () => {
    await filter('ERROR', { defaultValue: 0 });
    await put('INFO');
    await server.runDue();
    expect(sent).toEqual([]);
    server.clock.advance(MINUTE);
    await server.runDue();
    expect(sent).toMatchObject([
      { MetricData: [{ Timestamp: minute(), Values: [0], Counts: [1] }] },
    ]);
    await put('INFO', 'ERROR');
    await server.runDue();
    server.clock.advance(2 * MINUTE);
    await server.runDue();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ MetricData: [{ Values: [1] }] });
  });

  it('lose nothing while CloudWatch is down', async () => {
    await filter('ERROR');
    isDown = true;
    await put('ERROR');
    await server.runDue();
    isDown = false;
    server.clock.advance(10 * MINUTE);
    await server.runDue();
    expect(sent).toMatchObject([{ MetricData: [{ Counts: [1] }] }]);
    server.failures.length = 0;
  });

  it('are described, replaced and deleted', async () => {
    await filter('ERROR');
    await filter('WARN', { metricName: 'Warnings' });
    const describe = (input: object = {}) =>
      logs.send(new DescribeMetricFiltersCommand({ logGroupName: GROUP, ...input }));
    expect((await describe()).metricFilters).toEqual([
      {
        ...{ filterName: 'errors', filterPattern: 'WARN', logGroupName: GROUP, creationTime: now },
        metricTransformations: [
          { metricName: 'Warnings', metricNamespace: 'App', metricValue: '1' },
        ],
      },
    ]);
    const by = { metricName: 'Errors', metricNamespace: 'App' };
    expect((await describe(by)).metricFilters).toEqual([]);
    const count = async () =>
      (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(
        (group) => group.metricFilterCount,
      );
    expect(await count()).toEqual([1]);
    const remove = () =>
      logs.send(new DeleteMetricFilterCommand({ logGroupName: GROUP, filterName: 'errors' }));
    await remove();
    expect(await count()).toEqual([0]);
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await filter('ERROR');
    await logs.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));
    expect((await describe({ logGroupName: undefined })).metricFilters).toEqual([]);
  });

  it.each([
    ['ERROR:', {}],
    ['ERROR', { metricValue: 'x' }],
    ['ERROR', { metricNamespace: 'AWS/Logs' }],
    ['{ $.a = 1 }', { dimensions: { A: '$.a' }, defaultValue: 0 }],
    ['{ $.a = 1 }', { dimensions: { A: '$.a', B: '$.b', C: '$.c', D: '$.d' } }],
    ['[a, b]', { dimensions: { A: 'a' } }],
  ])('refuse %s with %j', async (pattern, transformation) => {
    await expect(filter(pattern, transformation)).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('are tested with the values that they find', async () => {
    const { matches } = await logs.send(
      new TestMetricFilterCommand({
        filterPattern: '[ip, ..., status = 4*, bytes]',
        logEventMessages: ['127.0.0.1 - "GET /" 404 15', '127.0.0.1 - "GET /" 200 15'],
      }),
    );
    expect(matches).toEqual([
      {
        ...{ eventNumber: 1, eventMessage: '127.0.0.1 - "GET /" 404 15' },
        extractedValues: { $ip: '127.0.0.1', $2: '-', $3: 'GET /', $status: '404', $bytes: '15' },
      },
    ]);
  });
});
