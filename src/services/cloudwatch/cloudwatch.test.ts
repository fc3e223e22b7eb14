import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import cloudwatch from './index.ts';

const MINUTE = 60_000;

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

eachDialect('CloudWatch', (makeDatabase) => {
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

    it('of AWS are for its services', async () => {
      const { cloudwatch: client } = await monitoring();
      const Namespace = 'AWS/CodeBuild';
      const MetricData = [{ MetricName: 'Builds', Value: 1 }];
      await expect(
        client.send(new PutMetricDataCommand({ Namespace, MetricData })),
      ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    });
  });

  describe('an alarm', () => {
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
          'Threshold Crossed: 1 out of the last 1 datapoints [99.0 (01/01/26 00:00:00)] was greater than the threshold (70.0) (minimum 1 datapoint for OK -> ALARM transition).',
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
