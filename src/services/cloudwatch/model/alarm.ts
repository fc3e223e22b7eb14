import type {
  ComparisonOperator,
  Dimension,
  MetricDataQuery,
  StandardUnit,
  StateValue,
  Statistic,
} from '@aws-sdk/client-cloudwatch';

/** What the alarm's state is and why. */
export interface AlarmState {
  value: StateValue;
  reason: string;
  /** JSON */
  reasonData?: string;
  /** When the state was last looked at and written. */
  updatedAt: Date;
  /** When it became another one. */
  transitionedAt: Date;
}

interface Common {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  description?: string;
  actionsEnabled: boolean;
  okActions: string[];
  alarmActions: string[];
  insufficientDataActions: string[];
  configuredAt: Date;
  state: AlarmState;
  tags: Record<string, string>;
}

export type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** One metric, by itself. */
export interface SingleMetric {
  namespace: string;
  metricName: string;
  dimensions: Dimension[];
  statistic?: Statistic;
  extendedStatistic?: string;
  /** Seconds. */
  period: number;
  unit?: StandardUnit;
}

export interface MetricAlarm extends Common {
  kind: 'MetricAlarm';
  /** What is watched: a metric, or queries of which one returns data. */
  single?: SingleMetric;
  queries?: MetricDataQuery[];
  /** Seconds: that of the metric, or of what the queries return. */
  period: number;
  evaluationPeriods: number;
  datapointsToAlarm?: number;
  threshold: number;
  comparison: ComparisonOperator;
  /** As the caller said it. */
  treatMissingData?: TreatMissingData;
  lowSampleCount?: 'evaluate' | 'ignore';
}

/** Why a composite alarm's actions are not done. */
export interface Suppression {
  by: 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod';
  reason: string;
  since: Date;
}

export interface CompositeAlarm extends Common {
  kind: 'CompositeAlarm';
  rule: string;
  suppressor?: string;
  /** Seconds. */
  suppressorWaitPeriod?: number;
  suppressorExtensionPeriod?: number;
  suppression?: Suppression;
  /** What is left to do once it is known whether the suppressor suppresses it. */
  pending?: { from: StateValue; fromReason: string; until: Date };
}

export type Alarm = MetricAlarm | CompositeAlarm;

/** What the alarm does in a state: ARNs. */
export function actionsOf(alarm: Alarm, state: StateValue): string[] {
  if (state === 'ALARM') return alarm.alarmActions;
  return state === 'OK' ? alarm.okActions : alarm.insufficientDataActions;
}
