import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { type Alarm, type AlarmState, actionsOf, type MetricAlarm } from './alarm.ts';
import { Double, javaJson, javaTime, RawJson } from './java.ts';
import { regionName } from './region-names.ts';

/** An alarm's state changed. */
export interface Change {
  /** As it is now. */
  alarm: Alarm;
  before: AlarmState;
  /** The alarms that made a composite alarm change. */
  children?: { arn: string; value: StateValue; at: Date }[];
}

/** What stands in a history item of `StateUpdate`. */
export function historyData({ alarm, before }: Change): string {
  const told = ({ value, reason, reasonData }: AlarmState) => ({
    stateValue: value,
    stateReason: reason,
    ...(reasonData !== undefined && { stateReasonData: new RawJson(reasonData) }),
  });
  return javaJson({ version: '1.0', oldState: told(before), newState: told(alarm.state) });
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function changeEvent({ alarm, before }: Change) {
  const told = ({ value, reason, reasonData, updatedAt }: AlarmState) => ({
    reason,
    ...(reasonData !== undefined && { reasonData }),
    timestamp: javaTime(updatedAt.getTime()),
    value,
  });
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: alarm.accountId,
    region: alarm.region,
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: configurationOf(alarm),
      previousState: told(before),
      state: {
        ...told(alarm.state),
        ...(alarm.kind === 'CompositeAlarm' &&
          alarm.suppression && {
            actionsSuppressedBy: alarm.suppression.by,
            actionsSuppressedReason: alarm.suppression.reason,
          }),
      },
    },
  };
}

/**
 * What a function gets, which says it in the words of the event.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */
export function functionInput(change: Change): string {
  const { alarm } = change;
  const { source, account: accountId, region, detail } = changeEvent(change);
  const { alarmName, state, previousState, configuration } = detail;
  return javaJson({
    ...{ source, alarmArn: alarm.arn, accountId },
    time: javaTime(alarm.state.updatedAt.getTime()),
    region,
    alarmData: { alarmName, state, previousState, configuration },
  });
}

function configurationOf(alarm: Alarm) {
  const description = alarm.description !== undefined && { description: alarm.description };
  if (alarm.kind === 'CompositeAlarm')
    return {
      alarmRule: alarm.rule,
      ...description,
      ...(alarm.suppressor !== undefined && {
        actionsSuppressor: alarm.suppressor,
        actionsSuppressorWaitPeriod: alarm.suppressorWaitPeriod,
        actionsSuppressorExtensionPeriod: alarm.suppressorExtensionPeriod,
      }),
    };
  return { ...description, metrics: metricsOf(alarm) };
}

interface EventMetric {
  namespace: string;
  name: string;
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[];
  period: number;
  stat: string | undefined;
  unit?: string | undefined;
}

const metricStat = ({ namespace, name, dimensions, period, stat, unit }: EventMetric) => ({
  metric: {
    dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
    name,
    namespace,
  },
  period,
  stat,
  ...(unit !== undefined && { unit }),
});

function metricsOf({ single, queries = [], arn }: MetricAlarm) {
  if (single) {
    const { metricName: name, statistic, extendedStatistic } = single;
    const stat = extendedStatistic ?? statistic;
    return [{ id: idOf(arn), metricStat: metricStat({ ...single, name, stat }), returnData: true }];
  }
  return queries.map(({ Id: id, Label: label, Expression, MetricStat, ReturnData = true }) => {
    const { Metric, Period = 0, Stat, Unit } = MetricStat ?? {};
    return {
      id,
      ...(label !== undefined && { label }),
      ...(Expression !== undefined && { expression: Expression }),
      ...(MetricStat && {
        metricStat: metricStat({
          namespace: Metric?.Namespace ?? '',
          name: Metric?.MetricName ?? '',
          dimensions: Metric?.Dimensions ?? [],
          ...{ period: Period, stat: Stat, unit: Unit },
        }),
      }),
      returnData: ReturnData,
    };
  });
}

/** An id for the one metric of an alarm, which people did not give one: the same each time. */
function idOf(arn: string): string {
  let hash = 0n;
  for (const letter of arn)
    hash = (hash * 1_099_511_628_211n + BigInt(letter.codePointAt(0) ?? 0)) % 2n ** 128n;
  const text = hash.toString(16).padStart(32, '0');
  return [8, 12, 16, 20, 32]
    .map((end, index) => text.slice([0, 8, 12, 16, 20][index], end))
    .join('-');
}

/** The subject of the message: e-mails have no more than 100 characters there. */
export const messageSubject = ({ alarm }: Change): string =>
  `${alarm.state.value}: "${alarm.name}" in ${regionName(alarm.region)}`.slice(0, 100);

/** The message to an SNS topic. */
export function messageOf({ alarm, before, children = [] }: Change): string {
  return javaJson({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: alarm.accountId,
    AlarmConfigurationUpdatedTimestamp: javaTime(alarm.configuredAt.getTime()),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: javaTime(alarm.state.updatedAt.getTime()),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: before.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ...(alarm.kind === 'MetricAlarm'
      ? { Trigger: triggerOf(alarm) }
      : {
          AlarmRule: alarm.rule,
          TriggeringChildren: children.map(({ arn, value, at }) => ({
            Arn: arn,
            State: { Value: value, Timestamp: javaTime(at.getTime()) },
          })),
        }),
  });
}

const dimensionsOf = (list: EventMetric['dimensions']) =>
  list.map(({ Name, Value }) => ({ value: Value, name: Name }));

function triggerOf(alarm: MetricAlarm) {
  const { single, queries } = alarm;
  const terms = {
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: new Double(alarm.threshold),
    TreatMissingData: alarm.treatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: alarm.lowSampleCount ?? '',
  };
  if (!single) return { ...terms, Metrics: queries?.map(queryOf) };
  const { extendedStatistic, statistic } = single;
  return {
    MetricName: single.metricName,
    Namespace: single.namespace,
    ...(extendedStatistic === undefined
      ? { StatisticType: 'Statistic', Statistic: STATISTICS.get(statistic ?? '') }
      : { StatisticType: 'ExtendedStatistic', ExtendedStatistic: extendedStatistic }),
    Unit: single.unit ?? null,
    Dimensions: dimensionsOf(single.dimensions),
    ...terms,
  };
}

const STATISTICS = new Map([
  ['SampleCount', 'SAMPLE_COUNT'],
  ['Average', 'AVERAGE'],
  ['Sum', 'SUM'],
  ['Minimum', 'MINIMUM'],
  ['Maximum', 'MAXIMUM'],
]);

function queryOf({
  Id,
  Label,
  Expression,
  MetricStat,
  ReturnData = true,
}: NonNullable<MetricAlarm['queries']>[number]) {
  const { Metric, Period, Stat, Unit } = MetricStat ?? {};
  return {
    ...{ Expression, Id, Label },
    ...(MetricStat && {
      MetricStat: {
        Metric: {
          Dimensions: dimensionsOf(Metric?.Dimensions ?? []),
          MetricName: Metric?.MetricName,
          Namespace: Metric?.Namespace,
        },
        ...{ Period, Stat, Unit },
      },
    }),
    ReturnData,
  };
}

/** What is to be done, unless the alarm's actions are switched off. */
export const targetsOf = ({ alarm }: Change): string[] =>
  alarm.actionsEnabled ? actionsOf(alarm, alarm.state.value) : [];
