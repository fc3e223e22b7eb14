import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';
import type { Typed } from './words.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 240_000 };

interface Shown {
  MetricAlarms: { StateValue: string; StateReason: string }[];
}

describe.skipIf(noAws)('CloudWatch by the aws command', SLOW, () => {
  let server: TestServer;
  let directory: string;
  const run = (...typed: Typed) => aws(server)(...typed);
  const error = (...typed: Typed) => awsError(server)(...typed);

  beforeAll(async () => {
    server = await startServer({ flags: ['--executor', 'process'] });
    directory = mkdtempSync(join(tmpdir(), 'slipway-cloudwatch-'));
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const file = (name: string, content: unknown) => {
    const path = join(directory, name);
    writeFileSync(path, JSON.stringify(content));
    return `file://${path}`;
  };

  it('an alarm goes to ALARM and back, and survives that the server is killed', async () => {
    await run`cloudwatch put-metric-alarm --alarm-name busy --namespace My --metric-name Load
      --statistic Average --period 10 --evaluation-periods 1 --threshold 70
      --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching`;
    const until = (state: string, value: number) =>
      eventually(`the alarm is ${state}`, async () => {
        await run`cloudwatch put-metric-data --namespace My --metric-name Load --value ${value} --storage-resolution 1`;
        const { MetricAlarms } =
          (await run`cloudwatch describe-alarms --alarm-names busy`) as unknown as Shown;
        return MetricAlarms[0]?.StateValue === state && MetricAlarms[0];
      });
    const { StateReason } = await until('ALARM', 99);
    expect(StateReason).toMatch(
      /^Threshold Crossed: 1 datapoint \[99\.0 \(.*\)\] was greater than the threshold \(70\.0\)\.$/,
    );
    await server.kill();
    await server.restart();
    await until('OK', 1);
    const { AlarmHistoryItems } =
      await run`cloudwatch describe-alarm-history --alarm-name busy --history-item-type StateUpdate`;
    expect(AlarmHistoryItems).toMatchObject([
      { HistorySummary: 'Alarm updated from ALARM to OK' },
      {},
      ...(AlarmHistoryItems as unknown[]).slice(2),
    ]);
  });

  it('a build is counted in AWS/CodeBuild', async () => {
    const trust = {
      Statement: {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'codebuild.amazonaws.com' },
      },
    };
    const { Role } =
      (await run`iam create-role --role-name builder --assume-role-policy-document ${file('trust.json', trust)}`) as {
        Role: { Arn: string };
      };
    const buildspec = 'version: 0.2\nphases: {build: {commands: ["false"]}}';
    await run`codebuild create-project --name failing --service-role ${Role.Arn} --artifacts type=NO_ARTIFACTS
      --source ${file('source.json', { type: 'NO_SOURCE', buildspec })}
      --environment type=LINUX_CONTAINER,image=x,computeType=BUILD_GENERAL1_SMALL`;
    await run`codebuild start-build --project-name failing`;
    const query = (MetricName: string, Id: string) => ({
      Id,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/CodeBuild',
          MetricName,
          Dimensions: [{ Name: 'ProjectName', Value: 'failing' }],
        },
        Period: 60,
        Stat: 'Sum',
      },
    });
    const queries = file('queries.json', [query('Builds', 'm1'), query('FailedBuilds', 'm2')]);
    const [start, end] = [-600_000, 600_000].map((by) => new Date(Date.now() + by).toISOString());
    const sums = await eventually('the build is counted', async () => {
      const { MetricDataResults } =
        await run`cloudwatch get-metric-data --metric-data-queries ${queries} --start-time ${start ?? ''} --end-time ${end ?? ''}`;
      const values = (MetricDataResults as { Values: number[] }[]).map(({ Values }) => Values);
      return values[1]?.length ? values : false;
    });
    expect(sums).toEqual([[1], [1]]);
  });

  describe('documented examples', () => {
    const arn = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:demo';

    it('of alarms', async () => {
      await run`cloudwatch put-metric-alarm --alarm-name myalarm --alarm-description "Alarm when CPU exceeds 70 percent"
        --metric-name CPUUtilization --namespace AWS/EC2 --statistic Average --period 300 --threshold 70
        --comparison-operator GreaterThanThreshold --dimensions "Name=InstanceId,Value=i-12345678"
        --evaluation-periods 2 --alarm-actions arn:aws:sns:us-east-1:111122223333:MyTopic --unit Percent`;
      await run`cloudwatch put-metric-alarm --alarm-name "Default_Test_Alarm3" --alarm-description "The default example alarm"
        --namespace "CW EXAMPLE METRICS" --metric-name Default_Test --statistic Average --period 60
        --evaluation-periods 3 --threshold 50 --comparison-operator GreaterThanOrEqualToThreshold
        --dimensions Name=key1,Value=value1 Name=key2,Value=value2`;
      expect(await run`cloudwatch describe-alarms --alarm-names myalarm`).toMatchObject({
        MetricAlarms: [
          { AlarmName: 'myalarm', Threshold: 70, StateValue: 'INSUFFICIENT_DATA', Unit: 'Percent' },
        ],
      });
      expect(
        await run`cloudwatch describe-alarms-for-metric --metric-name CPUUtilization --namespace AWS/EC2 --dimensions Name=InstanceId,Value=i-12345678`,
      ).toMatchObject({ MetricAlarms: [{ AlarmName: 'myalarm' }] });
      await run`cloudwatch disable-alarm-actions --alarm-names myalarm`;
      await run`cloudwatch set-alarm-state --alarm-name myalarm --state-value ALARM --state-reason "testing purposes"`;
      await run`cloudwatch enable-alarm-actions --alarm-names myalarm`;
      expect(
        await run`cloudwatch describe-alarm-history --alarm-name myalarm --history-item-type StateUpdate`,
      ).toMatchObject({
        AlarmHistoryItems: [
          {
            HistorySummary: 'Alarm updated from INSUFFICIENT_DATA to ALARM',
            HistoryData: expect.stringContaining(
              '"newState":{"stateValue":"ALARM","stateReason":"testing purposes"}',
            ),
          },
        ],
      });
      const composite = ['--alarm-rule', 'ALARM(myalarm) AND ALARM(Default_Test_Alarm3)'];
      const does = [
        '--alarm-actions',
        'arn:aws:sns:us-east-1:123456789012:demo',
        '--actions-enabled',
      ];
      await run`cloudwatch put-composite-alarm --alarm-name ProdAlarm ${composite} ${does}`;
      expect(
        await error`cloudwatch put-composite-alarm --alarm-name x --alarm-rule ALARM(none)`,
      ).toBe(
        'ValidationError: Could not save the composite alarm as alarms [none] in the alarm rule do not exist',
      );
      await run`cloudwatch delete-alarms --alarm-names ProdAlarm`;
      await run`cloudwatch delete-alarms --alarm-names myalarm`;
    });

    it('of tags', async () => {
      await run`cloudwatch put-metric-alarm --alarm-name demo --namespace N --metric-name M --statistic Sum --period 60
        --evaluation-periods 1 --threshold 1 --comparison-operator LessThanThreshold`;
      await run`cloudwatch tag-resource --resource-arn ${arn} --tags Key=stack,Value=Production Key=team,Value=Devops`;
      expect(await run`cloudwatch list-tags-for-resource --resource-arn ${arn}`).toEqual({
        Tags: [
          { Key: 'stack', Value: 'Production' },
          { Key: 'team', Value: 'Devops' },
        ],
      });
      await run`cloudwatch untag-resource --resource-arn ${arn} --tag-keys stack`;
    });

    it('of metrics', async () => {
      const old = [
        { MetricName: 'New Posts', Timestamp: '2013-06-12T20:28:20Z', Value: 0.5, Unit: 'Count' },
      ];
      expect(
        await error`cloudwatch put-metric-data --namespace "Usage Metrics" --metric-data ${file('old.json', old)}`,
      ).toBe(
        'InvalidParameterValue: The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past.',
      );
      await run`cloudwatch put-metric-data --metric-name Buffers --namespace MyNameSpace --unit Bytes --value 231434333 --dimensions InstanceID=1-23456789,InstanceType=m1.small`;
      expect(await run`cloudwatch list-metrics --namespace MyNameSpace`).toMatchObject({
        Metrics: [{ Namespace: 'MyNameSpace', MetricName: 'Buffers' }],
      });
      expect(
        await run`cloudwatch get-metric-statistics --metric-name CPUUtilization --start-time 2014-04-08T23:18:00Z --end-time 2014-04-09T23:18:00Z --period 3600 --namespace AWS/EC2 --statistics Maximum --dimensions Name=InstanceId,Value=i-abcdef`,
      ).toEqual({ Label: 'CPUUtilization', Datapoints: [] });
      const read = (Id: string, MetricName: string) => ({
        Id,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/EC2',
            MetricName,
            Dimensions: [{ Name: 'InstanceId', Value: 'i-abcdef' }],
          },
          ...{ Period: 300, Stat: 'Sum', Unit: 'Count' },
        },
        ReturnData: false,
      });
      const queries = [
        { Id: 'm3', Expression: '(m1+m2)/300', Label: 'Avg Total IOPS' },
        ...[read('m1', 'EBSReadOps'), read('m2', 'EBSWriteOps')],
      ];
      expect(
        await run`cloudwatch get-metric-data --metric-data-queries ${file('iops.json', queries)} --start-time 2024-09-29T22:10:00Z --end-time 2024-09-29T22:15:00Z`,
      ).toMatchObject({
        MetricDataResults: [{ Id: 'm3', Label: 'Avg Total IOPS', StatusCode: 'Complete' }],
        Messages: [],
      });
    });

    it('of dashboards', async () => {
      const body =
        '{"widgets":[{"height":6,"width":6,"y":0,"x":0,"type":"metric","properties":{"view":"timeSeries","stacked":false,"metrics":[["Namespace","CPUUtilization","Environment","Prod","Type","App"]],"region":"us-east-1"}}]}';
      expect(
        await run`cloudwatch put-dashboard --dashboard-name Dashboard-A --dashboard-body ${body}`,
      ).toEqual({ DashboardValidationMessages: [] });
      expect(await run`cloudwatch get-dashboard --dashboard-name Dashboard-A`).toEqual({
        DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/Dashboard-A',
        DashboardName: 'Dashboard-A',
        DashboardBody: body,
      });
      expect(await run`cloudwatch list-dashboards`).toMatchObject({
        DashboardEntries: [{ DashboardName: 'Dashboard-A', Size: Buffer.byteLength(body) }],
      });
      expect(
        await error`cloudwatch put-dashboard --dashboard-name B --dashboard-body {"widgets":[{"type":"text"}]}`,
      ).toMatch(
        /^InvalidParameterInput: The dashboard body is invalid, there are 1 validation errors:/,
      );
      await run`cloudwatch delete-dashboards --dashboard-names Dashboard-A`;
      expect(await error`cloudwatch get-dashboard --dashboard-name Dashboard-A`).toBe(
        'ResourceNotFound: Dashboard Dashboard-A does not exist',
      );
    });

    const detector = [
      '--namespace',
      'AWS/Logs',
      '--metric-name',
      'IncomingBytes',
      '--stat',
      'SampleCount',
    ];
    const rules = ['--rule-names', 'Rule-A', 'Rule-B'];
    const stream = [
      ...['--name', 'QuickFull-GuaFbs', '--output-format', 'json'],
      ...['--firehose-arn', 'arn:aws:firehose:us-east-1:123456789012:deliverystream/M'],
      ...['--role-arn', 'arn:aws:iam::123456789012:role/M', '--no-include-linked-accounts-metrics'],
    ];
    const report = ['--start-time', '2024-10-13T20:15:00Z', '--end-time', '2024-10-13T20:30:00Z'];
    it.each([
      ['PutAnomalyDetector', ['put-anomaly-detector', ...detector]],
      ['DeleteAnomalyDetector', ['delete-anomaly-detector', ...detector]],
      ['DescribeAnomalyDetectors', ['describe-anomaly-detectors', '--max-results', '1']],
      ['PutInsightRule', ['put-insight-rule', '--rule-name', 'V', '--rule-definition', '{}']],
      ['DeleteInsightRules', ['delete-insight-rules', ...rules]],
      ['EnableInsightRules', ['enable-insight-rules', ...rules]],
      ['DisableInsightRules', ['disable-insight-rules', ...rules]],
      ['DescribeInsightRules', ['describe-insight-rules']],
      [
        'GetInsightRuleReport',
        ['get-insight-rule-report', '--rule-name', 'A', ...report, '--period', '300'],
      ],
      ['PutMetricStream', ['put-metric-stream', ...stream]],
      ['GetMetricStream', ['get-metric-stream', '--name', 'QuickFull-GuaFbs']],
      ['ListMetricStreams', ['list-metric-streams']],
      ['StartMetricStreams', ['start-metric-streams', '--names', 'QuickFull-GuaFbs']],
      ['StopMetricStreams', ['stop-metric-streams', '--names', 'QuickFull-GuaFbs']],
      ['DeleteMetricStream', ['delete-metric-stream', '--name', 'QuickFull-GuaFbs']],
      ['GetMetricWidgetImage', ['get-metric-widget-image', '--metric-widget', '{}']],
    ])('of what is not here are refused by name: %s', async (name, words) => {
      expect(await error`cloudwatch ${words}`).toMatch(new RegExp(`^NotImplemented: .*${name}`));
    });
  });
});
