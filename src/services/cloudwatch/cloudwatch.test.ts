import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutAlarmMuteRuleCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { defineService } from '../../kit/service.ts';
import { countEvents, measures } from '../../kit/service-metrics.ts';
import { jsonOf, makeDestinations } from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import { SERVICES } from '../registry.ts';
import cloudwatch from './index.ts';
import { openActions } from './store/actions.ts';
import { tables } from './store/tables.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const ALARM = {
  AlarmName: 'busy',
  Namespace: 'My',
  MetricName: 'Load',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 70,
  ComparisonOperator: 'GreaterThanThreshold',
} satisfies PutMetricAlarmCommandInput;

/** A server, and what tests say to it. */
async function makeMonitoring(made: World) {
  const client = made.client(CloudWatchClient);
  return {
    ...made,
    cloudwatch: client,
    put: (Value: number, more = {}) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: 'My',
          MetricData: [{ MetricName: 'Load', Value, ...more }],
        }),
      ),
    async state(name = 'busy') {
      const { MetricAlarms, CompositeAlarms } = await client.send(
        new DescribeAlarmsCommand({
          AlarmNames: [name],
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        }),
      );
      return [...(MetricAlarms ?? []), ...(CompositeAlarms ?? [])][0];
    },
    /** Lets a minute pass, and what is due then happen. */
    async minute() {
      made.clock.advance(MINUTE);
      await made.runDue();
    },
  };
}

const loaded = async (name: string) => {
  const service = await (await SERVICES[name]?.())?.load();
  if (!service) throw new Error(`There is no ${name}`);
  return service.default;
};

/** A topic and a queue that hears it. */
async function listening(made: World) {
  const [sns, sqs] = [made.client(SNSClient), made.client(SQSClient)];
  const { TopicArn: topic = '' } = await sns.send(new CreateTopicCommand({ Name: 'ops' }));
  const Policy = JSON.stringify({
    Statement: {
      ...{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
      Principal: { Service: 'sns.amazonaws.com' },
    },
  });
  const queue = { QueueName: 'ops', Attributes: { Policy } };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand(queue));
  const Endpoint = `arn:aws:sqs:${REGION}:${ACCOUNT}:ops`;
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint }));
  return {
    topic,
    async receive() {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      return JSON.parse(Messages?.[0]?.Body ?? '{}') as { Subject: string; Message: string };
    },
  };
}

/** The rows of all metrics. */
async function chunksOf({ db }: Pick<World['platform'], 'db'>) {
  return tables(db).selectFrom('cloudwatch_chunk').select('id').execute();
}

eachDialect('CloudWatch', (makeDatabase, dialect, reopen) => {
  const monitoring = async () => makeMonitoring(await world(makeDatabase, [cloudwatch]));

  describe('metrics', () => {
    it('are summed up by period', async () => {
      const { put, cloudwatch: client, clock, failures } = await monitoring();
      const StartTime = clock.now();
      await put(1);
      await put(3, { Unit: 'Count' });
      clock.advance(MINUTE);
      await put(5);
      const asked = { Namespace: 'My', MetricName: 'Load', Period: 120, StartTime };
      const { Datapoints } = await client.send(
        new GetMetricStatisticsCommand({
          ...asked,
          EndTime: new Date(StartTime.getTime() + 2 * MINUTE),
          Statistics: ['Sum', 'SampleCount', 'Maximum'],
          ExtendedStatistics: ['p50'],
        }),
      );
      expect(Datapoints).toEqual([
        {
          Timestamp: StartTime,
          ...{ Sum: 3, SampleCount: 1, Maximum: 3, Unit: 'Count' },
          ExtendedStatistics: { p50: 3 },
        },
        {
          Timestamp: StartTime,
          ...{ Sum: 6, SampleCount: 2, Maximum: 5, Unit: 'None' },
          ExtendedStatistics: { p50: 1 },
        },
      ]);
      const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: 'My' }));
      expect(Metrics).toEqual([{ Namespace: 'My', MetricName: 'Load', Dimensions: [] }]);
      expect(failures).toEqual([]);
    });

    it('are combined by expressions', async () => {
      const { put, cloudwatch: client, clock } = await monitoring();
      const StartTime = clock.now();
      await put(2, { Values: [1, 2], Counts: [10, 5], Value: undefined });
      clock.advance(MINUTE);
      await put(8);
      const MetricStat = {
        Metric: { Namespace: 'My', MetricName: 'Load' },
        Period: 60,
        Stat: 'Sum',
      };
      const { MetricDataResults, NextToken } = await client.send(
        new GetMetricDataCommand({
          StartTime,
          EndTime: new Date(StartTime.getTime() + 3 * MINUTE),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: [
            { Id: 'm1', MetricStat, ReturnData: false },
            { Id: 'e1', Expression: 'FILL(m1, 0) * 2 + METRIC_COUNT(METRICS())', Label: 'twice' },
            { Id: 'e2', Expression: 'm1 > 10' },
          ],
        }),
      );
      expect(MetricDataResults).toMatchObject([
        { Id: 'e1', Label: 'twice', Values: [41, 17, 1], StatusCode: 'Complete' },
        { Id: 'e2', Label: 'e2', Values: [1, 0] },
      ]);
      expect(NextToken).toBeUndefined();
    });

    it('come a thousand in a compressed call, and are listed by pages', async () => {
      const { cloudwatch: client } = await monitoring();
      const MetricData = Array.from({ length: 1000 }, (_, index) => ({
        MetricName: `m${index}`,
        Dimensions: [{ Name: 'Parity', Value: index % 2 ? 'odd' : 'even' }],
        Value: index,
      }));
      await client.send(new PutMetricDataCommand({ Namespace: 'Many', MetricData }));
      const list = async (input: object) => {
        const { Metrics = [], NextToken } = await client.send(new ListMetricsCommand(input));
        return { names: Metrics.map(({ MetricName }) => MetricName), NextToken };
      };
      const first = await list({ Namespace: 'Many' });
      const second = await list({ Namespace: 'Many', NextToken: first.NextToken });
      expect(new Set([...first.names, ...second.names]).size).toBe(1000);
      expect([first.names.length, second.NextToken]).toEqual([500, undefined]);
      const odd = await list({ Dimensions: [{ Name: 'Parity', Value: 'odd' }] });
      expect(odd.names.length).toBe(500);
      expect(odd.names.every((name) => Number(name?.slice(1)) % 2 === 1)).toBe(true);
    });

    it('of AWS are for its services', async () => {
      const { cloudwatch: client } = await monitoring();
      const Namespace = 'AWS/CodeBuild';
      const MetricData = [{ MetricName: 'Builds', Value: 1 }];
      await expect(
        client.send(new PutMetricDataCommand({ Namespace, MetricData })),
      ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    });
  });

  describe('data', () => {
    const read = async (client: CloudWatchClient, StartTime: Date, EndTime: Date, Period = 60) => {
      const asked = { Namespace: 'My', MetricName: 'Load', Period, StartTime, EndTime };
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          ...asked,
          Statistics: ['Sum', 'SampleCount'],
          ExtendedStatistics: ['p90'],
        }),
      );
      return Datapoints;
    };

    it('are the same once their rows are merged, and less detailed with age', async () => {
      const { put, cloudwatch: client, clock, sweep, platform, failures } = await monitoring();
      const from = clock.now();
      for (let minute = 0; minute < 20; minute++) {
        await put(minute);
        clock.advance(MINUTE);
      }
      const rows = async () => (await chunksOf(platform)).length;
      const before = await read(client, from, clock.now());
      expect([before.length, await rows()]).toEqual([20, 20]);
      clock.advance(60 * MINUTE);
      await sweep();
      expect(await rows()).toBe(1);
      expect(await read(client, from, clock.now())).toEqual(before);
      clock.advance(20 * DAY);
      await sweep();
      const span = [from, new Date(from.getTime() + 60 * MINUTE)] as const;
      expect(await read(client, ...span)).toEqual([]);
      const inFives = await read(client, ...span, 300);
      expect(inFives.map(({ Sum, SampleCount }) => [Sum, SampleCount])).toEqual([
        ...[
          [10, 5],
          [35, 5],
          [60, 5],
          [85, 5],
        ],
      ]);
      expect(inFives[3]?.ExtendedStatistics).toEqual({ p90: 19 });
      clock.advance(500 * DAY);
      await sweep();
      expect(await rows()).toBe(0);
      expect(failures).toEqual([]);
    });

    it('of a service are counted once, however often it hears of an event', async () => {
      const toy = defineService({
        name: 'toy',
        apis: [],
        migrations: [],
        subscriptions: [
          countEvents({
            service: 'toy',
            namespace: 'AWS/Toy',
            pattern: { 'detail-type': ['Toy Event'] },
            measure: (event) => measures(event, 'Toys', 1, 'Count', { Kind: 'bear' }),
          }),
        ],
      });
      const made = await world(makeDatabase, [cloudwatch, toy]);
      const { platform, clock, runDue, failures } = made;
      const event = {
        ...{ version: '0' as const, id: 'e1', source: 'aws.toy', 'detail-type': 'Toy Event' },
        ...{ account: ACCOUNT, region: REGION, resources: [], detail: {} },
        time: clock.now().toISOString(),
      };
      await runDue();
      const deliver = toy.subscriptions?.[0]?.deliver;
      for (const id of ['e1', 'e1', 'e2']) await deliver?.(platform, { ...event, id });
      const { Datapoints } = await made.client(CloudWatchClient).send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: 'AWS/Toy', MetricName: 'Toys', Period: 60, Statistics: ['Sum'] },
          Dimensions: [{ Name: 'Kind', Value: 'bear' }],
          StartTime: clock.now(),
          EndTime: new Date(clock.now().getTime() + MINUTE),
        }),
      );
      expect(Datapoints).toMatchObject([{ Sum: 2, Unit: 'Count' }]);
      expect(failures).toEqual([]);
    });
  });

  describe('an alarm', () => {
    const evaluatedOnce = async () => {
      const one = await monitoring();
      const { cloudwatch: client, put, clock, events } = one;
      const other = await world(await reopen(), [cloudwatch], { clock });
      const names = Array.from({ length: 20 }, (_, index) => `a${index}`);
      for (const AlarmName of names)
        await client.send(new PutMetricAlarmCommand({ ...ALARM, AlarmName }));
      await Promise.all([one.start(), other.start()]);
      await put(99);
      for (const _ of [1, 2]) {
        clock.advance(MINUTE);
        await Promise.all([one.runDue(), other.runDue()]);
      }
      const { AlarmHistoryItems } = await client.send(
        new DescribeAlarmHistoryCommand({ HistoryItemType: 'StateUpdate' }),
      );
      expect(AlarmHistoryItems?.map(({ AlarmName }) => AlarmName).sort()).toEqual(names.sort());
      expect(events.length + other.events.length).toBe(names.length);
      expect([...one.failures, ...other.failures]).toEqual([]);
    };
    // Servers share a PostgreSQL, and no SQLite.
    if (dialect === 'postgres') it('is evaluated once by two servers', evaluatedOnce);

    it('is told of by lists that are asked for no type', async () => {
      const { cloudwatch: client } = await monitoring();
      await client.send(new PutMetricAlarmCommand(ALARM));
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmTypes: [] }));
      const { AlarmHistoryItems } = await client.send(
        new DescribeAlarmHistoryCommand({ AlarmName: 'busy', AlarmTypes: [] }),
      );
      expect([MetricAlarms?.length, AlarmHistoryItems?.length]).toEqual([1, 1]);
    });

    it('tells a topic, and what it told is in its history', async () => {
      const [sns, sqs] = await Promise.all([loaded('sns'), loaded('sqs')]);
      const made = await makeMonitoring(await world(makeDatabase, [cloudwatch, sns, sqs]));
      const { cloudwatch: client, runDue, failures } = made;
      const { topic, receive } = await listening(made);
      await client.send(
        new PutMetricAlarmCommand({ ...ALARM, AlarmActions: [topic, `${topic}-none`] }),
      );
      const set = { AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'a test' } as const;
      await client.send(new SetAlarmStateCommand(set));
      await runDue();
      const message = await receive();
      expect(message.Subject).toBe('ALARM: "busy" in EU (Ireland)');
      expect(message.Message).toContain('"Threshold":70.0,"TreatMissingData":"missing"');
      expect(JSON.parse(message.Message)).toMatchObject({
        ...{ AlarmName: 'busy', NewStateValue: 'ALARM', OldStateValue: 'INSUFFICIENT_DATA' },
        ...{ NewStateReason: 'a test', StateChangeTime: '2026-01-01T00:00:00.000+0000' },
        Trigger: { MetricName: 'Load', StatisticType: 'Statistic', Statistic: 'AVERAGE' },
      });
      const { AlarmHistoryItems } = await client.send(
        new DescribeAlarmHistoryCommand({ AlarmName: 'busy', HistoryItemType: 'Action' }),
      );
      expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary).sort()).toEqual([
        expect.stringContaining(`Failed to execute action ${topic}-none. Received error: "`),
        `Successfully executed action ${topic}`,
      ]);
      expect(failures).toEqual([]);
    });

    it('invokes a function with what changed', async () => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
      const upstream = await makeDestinations();
      const { cloudwatch: client, runDue, platform, failures } = await monitoring();
      const action = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f:live`;
      const alarm = async (AlarmName: string) => {
        await client.send(
          new PutMetricAlarmCommand({ ...ALARM, AlarmName, AlarmActions: [action] }),
        );
        const set = { AlarmName, StateValue: 'ALARM', StateReason: 'a test' } as const;
        await client.send(new SetAlarmStateCommand(set));
        await runDue();
        const asked = { AlarmName, HistoryItemType: 'Action' } as const;
        const { AlarmHistoryItems } = await client.send(new DescribeAlarmHistoryCommand(asked));
        return AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary);
      };
      expect(await alarm('early')).toEqual([expect.stringMatching(/SLIPWAY_UPSTREAM_LAMBDA/)]);
      platform.config.upstream.lambda = upstream.url;
      expect(await alarm('busy')).toEqual([`Successfully executed action ${action}`]);
      const time = '2026-01-01T00:00:00.000+0000';
      expect(upstream.calls).toMatchObject([
        {
          operation: 'Invoke',
          input: { FunctionName: action, InvocationType: 'Event' },
        },
      ]);
      expect(jsonOf(upstream.calls[0]?.input.Payload)).toMatchObject({
        ...{ source: 'aws.cloudwatch', accountId: ACCOUNT, region: REGION, time },
        alarmArn: `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:busy`,
        alarmData: {
          alarmName: 'busy',
          state: { value: 'ALARM', reason: 'a test', timestamp: time },
          previousState: { value: 'INSUFFICIENT_DATA' },
          configuration: {
            metrics: [
              {
                metricStat: {
                  ...{ metric: { namespace: 'My', name: 'Load', dimensions: {} } },
                  ...{ period: 60, stat: 'Average' },
                },
                returnData: true,
              },
            ],
          },
        },
      });
      await upstream.close();
      vi.unstubAllEnvs();
      expect(failures).toEqual([]);
    });

    it('that is muted tells its topic once it is not any more', async () => {
      const made = await monitoring();
      const { cloudwatch: client, clock, runDue, platform } = made;
      const Schedule = { Expression: 'at(2026-01-01T00:00)', Duration: 'PT1H' };
      await client.send(
        new PutAlarmMuteRuleCommand({
          ...{ Name: 'night', Rule: { Schedule }, MuteTargets: { AlarmNames: ['busy'] } },
        }),
      );
      const AlarmActions = [`arn:aws:sns:${REGION}:${ACCOUNT}:none`];
      await client.send(new PutMetricAlarmCommand({ ...ALARM, AlarmActions, Period: 86_400 }));
      const set = { AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'a test' } as const;
      await client.send(new SetAlarmStateCommand(set));
      await runDue();
      const actions = async () => {
        const { AlarmHistoryItems } = await client.send(
          new DescribeAlarmHistoryCommand({ AlarmName: 'busy', HistoryItemType: 'Action' }),
        );
        return AlarmHistoryItems?.length;
      };
      expect([await actions(), (await openActions(platform.db, 10)).length]).toEqual([0, 1]);
      clock.advance(59 * MINUTE);
      await runDue();
      expect(await actions()).toBe(0);
      clock.advance(MINUTE);
      await runDue();
      expect([await actions(), (await openActions(platform.db, 10)).length]).toEqual([1, 0]);
    });

    it('goes to ALARM, to OK and to INSUFFICIENT_DATA by its metric', async () => {
      const { put, state, minute, cloudwatch: client, events, failures } = await monitoring();
      await client.send(new PutMetricAlarmCommand(ALARM));
      expect(await state()).toMatchObject({ StateValue: 'INSUFFICIENT_DATA' });
      await put(99);
      await minute();
      await put(10);
      await minute();
      expect(await state()).toMatchObject({
        StateValue: 'ALARM',
        StateReason:
          'Threshold Crossed: 1 datapoint [99.0 (01/01/26 00:00:00)] was greater than the threshold (70.0).',
      });
      await minute();
      expect(await state()).toMatchObject({
        StateValue: 'OK',
        StateReason:
          'Threshold Crossed: 1 datapoint [10.0 (01/01/26 00:01:00)] was not greater than the threshold (70.0).',
      });
      for (const _ of [1, 2, 3]) await minute();
      expect(await state()).toMatchObject({
        StateValue: 'INSUFFICIENT_DATA',
        StateReason: 'Insufficient Data: 1 datapoint was unknown.',
      });
      expect(events.map(({ detail }) => (detail.state as { value: string }).value)).toEqual([
        ...['ALARM', 'OK', 'INSUFFICIENT_DATA'],
      ]);
      const { AlarmHistoryItems } = await client.send(
        new DescribeAlarmHistoryCommand({ AlarmName: 'busy' }),
      );
      expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
        'Alarm updated from OK to INSUFFICIENT_DATA',
        'Alarm updated from ALARM to OK',
        'Alarm updated from INSUFFICIENT_DATA to ALARM',
        'Alarm "busy" created',
      ]);
      expect(failures).toEqual([]);
    });

    it('that another one depends on takes that along, and is not deleted before it', async () => {
      const { state, cloudwatch: client, runDue, failures } = await monitoring();
      await client.send(new PutMetricAlarmCommand(ALARM));
      await client.send(
        new PutCompositeAlarmCommand({ AlarmName: 'both', AlarmRule: 'ALARM("busy") AND TRUE' }),
      );
      await runDue();
      expect(await state('both')).toMatchObject({ StateValue: 'OK' });
      const set = { AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'a test' } as const;
      await client.send(new SetAlarmStateCommand(set));
      await runDue();
      expect(await state('both')).toMatchObject({
        StateValue: 'ALARM',
        StateReason: expect.stringMatching(
          /:alarm:busy transitioned to ALARM at Thursday 01 January, 2026 00:00:00 UTC$/,
        ),
      });
      await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ['busy'] }))).rejects.toThrow(
        /depends on it/,
      );
      await client.send(new DeleteAlarmsCommand({ AlarmNames: ['both'] }));
      await client.send(new DeleteAlarmsCommand({ AlarmNames: ['busy'] }));
      expect(await state()).toBeUndefined();
      expect(failures).toEqual([]);
    });
  });
});
