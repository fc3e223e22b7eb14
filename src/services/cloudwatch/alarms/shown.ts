import type {
  CompositeAlarm as ShownComposite,
  MetricAlarm as ShownMetric,
} from '@aws-sdk/client-cloudwatch';
import type { Alarm, CompositeAlarm, MetricAlarm } from '../model/alarm.ts';

function common(alarm: Alarm) {
  const { state, description } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(description !== undefined && { AlarmDescription: description }),
    AlarmConfigurationUpdatedTimestamp: alarm.configuredAt,
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData !== undefined && { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: state.updatedAt,
    StateTransitionedTimestamp: state.transitionedAt,
  };
}

/** A metric alarm as DescribeAlarms tells of it. */
export function shownMetric(alarm: MetricAlarm): ShownMetric {
  const { single, queries, datapointsToAlarm, treatMissingData, lowSampleCount } = alarm;
  return {
    ...common(alarm),
    ...(single && {
      MetricName: single.metricName,
      Namespace: single.namespace,
      ...(single.statistic !== undefined && { Statistic: single.statistic }),
      ...(single.extendedStatistic !== undefined && {
        ExtendedStatistic: single.extendedStatistic,
      }),
      Dimensions: single.dimensions,
      Period: single.period,
      ...(single.unit !== undefined && { Unit: single.unit }),
    }),
    ...(queries && { Metrics: queries, Dimensions: [] }),
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { DatapointsToAlarm: datapointsToAlarm }),
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    ...(treatMissingData !== undefined && { TreatMissingData: treatMissingData }),
    ...(lowSampleCount !== undefined && { EvaluateLowSampleCountPercentile: lowSampleCount }),
  };
}

/** A composite alarm as DescribeAlarms tells of it. */
export function shownComposite(alarm: CompositeAlarm): ShownComposite {
  const { suppressor, suppression } = alarm;
  return {
    ...common(alarm),
    AlarmRule: alarm.rule,
    ...(suppressor !== undefined && {
      ActionsSuppressor: suppressor,
      ActionsSuppressorWaitPeriod: alarm.suppressorWaitPeriod,
      ActionsSuppressorExtensionPeriod: alarm.suppressorExtensionPeriod,
    }),
    ...(suppression && {
      ActionsSuppressedBy: suppression.by,
      ActionsSuppressedReason: suppression.reason,
    }),
  };
}
