import type { MetricDataQuery, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { MetricAlarm, SingleMetric, TreatMissingData } from './alarm.ts';
import { type Plan, planOf, QueryError } from './queries.ts';
import { isPlainStatistic, parseStatistic } from './statistic.ts';

/** An alarm that is wrong: what is said of it. `refused` is what AWS has and is not here. */
export { QueryError as AlarmError };

const DAY_S = 86_400;
const TREATMENTS: readonly string[] = ['breaching', 'notBreaching', 'ignore', 'missing'];
/** So many metrics an alarm's expressions may use. */
const MAX_METRICS = 10;

/** What of an alarm its configuration alone says. */
export type Configuration = Pick<
  MetricAlarm,
  | 'single'
  | 'queries'
  | 'period'
  | 'evaluationPeriods'
  | 'datapointsToAlarm'
  | 'threshold'
  | 'comparison'
  | 'treatMissingData'
  | 'lowSampleCount'
>;

/** @throws QueryError */
export function configurationOf(input: PutMetricAlarmCommandInput): Configuration {
  refuseOthers(input);
  const { EvaluationPeriods: evaluationPeriods, ComparisonOperator: comparison } = input;
  if (evaluationPeriods === undefined)
    throw new QueryError('The parameter EvaluationPeriods is required.');
  if (comparison === undefined)
    throw new QueryError('The parameter ComparisonOperator is required.');
  if (input.Threshold === undefined) throw new QueryError('The parameter Threshold is required.');
  if (!Number.isFinite(input.Threshold))
    throw new QueryError(`The value ${input.Threshold} for parameter Threshold is invalid.`);
  const watched = input.Metrics ? mathOf(input, input.Metrics) : singleOf(input);
  checkLength(watched.period, evaluationPeriods);
  return {
    ...watched,
    ...{ evaluationPeriods, comparison, threshold: input.Threshold },
    ...datapointsOf(input, evaluationPeriods),
    ...treatmentOf(input),
    ...lowSampleCountOf(input),
  };
}

function refuseOthers(input: PutMetricAlarmCommandInput): void {
  const { ComparisonOperator: comparison = '' } = input;
  if (input.ThresholdMetricId !== undefined || /Threshold$/.test(comparison) === false)
    throw new QueryError('alarms on anomaly detection', true);
  if (/Lower|Upper/.test(comparison)) throw new QueryError('alarms on anomaly detection', true);
  if (input.EvaluationCriteria) throw new QueryError('alarms on PromQL queries', true);
  const { EvaluationInterval, EvaluationWindow, WarmUpConfiguration } = input;
  const others = { EvaluationInterval, EvaluationWindow, WarmUpConfiguration };
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (other !== undefined) throw new QueryError(`the member ${other} of PutMetricAlarm`, true);
}

/** @param period seconds */
function checkLength(period: number, evaluationPeriods: number): void {
  const length = period * evaluationPeriods;
  if (period < 3600 && length > DAY_S)
    throw new QueryError(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    );
  if (length > 7 * DAY_S)
    throw new QueryError(
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).',
    );
}

/** Seconds. */
function alarmPeriod(period: number | undefined): number {
  if (period === undefined) throw new QueryError('The parameter Period is required.');
  if ([10, 20, 30].includes(period) || (period > 0 && period % 60 === 0)) return period;
  throw new QueryError('Period must be 10, 20, 30 or a multiple of 60');
}

function singleOf(input: PutMetricAlarmCommandInput): { single: SingleMetric; period: number } {
  const { MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions = [], Unit } = input;
  if (MetricName === undefined || Namespace === undefined)
    throw new QueryError('The parameters MetricName and Namespace are required, or Metrics.');
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw new QueryError('Exactly one of Statistic and ExtendedStatistic must be specified.');
  if (
    ExtendedStatistic !== undefined &&
    (isPlainStatistic(ExtendedStatistic) || !parseStatistic(ExtendedStatistic))
  )
    throw new QueryError(
      `The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`,
    );
  const period = alarmPeriod(input.Period);
  return {
    period,
    single: {
      ...{ namespace: Namespace, metricName: MetricName, dimensions: Dimensions, period },
      ...(Statistic !== undefined && { statistic: Statistic }),
      ...(ExtendedStatistic !== undefined && { extendedStatistic: ExtendedStatistic }),
      ...(Unit !== undefined && { unit: Unit }),
    },
  };
}

function mathOf(
  input: PutMetricAlarmCommandInput,
  queries: MetricDataQuery[],
): { queries: MetricDataQuery[]; period: number } {
  const { MetricName, Namespace, Dimensions, Period, Unit, Statistic, ExtendedStatistic } = input;
  const single = { MetricName, Namespace, Dimensions, Period, Unit, Statistic, ExtendedStatistic };
  const also = Object.entries(single).find(([, value]) => value !== undefined)?.[0];
  if (also !== undefined)
    throw new QueryError(`The parameters ${also} and Metrics are mutually exclusive.`);
  const plan = planOf(queries);
  const returned = plan.queries.filter((query) => query.returned);
  if (returned.length !== 1)
    throw new QueryError('Exactly one element of the metrics list should return data.');
  if (plan.searches.length > 0) throw new QueryError('SEARCH is not supported on alarms.');
  if (plan.queries.filter(({ reading }) => reading).length > MAX_METRICS)
    throw new QueryError(`An alarm can use at most ${MAX_METRICS} metrics.`);
  return { queries, period: alarmPeriod(periodOf(plan)) };
}

/** What is returned is as long as the longest period that goes in. */
function periodOf({ queries }: Plan): number {
  const own = queries.find(({ returned }) => returned)?.period;
  const longest = queries.reduce((so, { reading }) => Math.max(so, reading?.period ?? 0), 0);
  return Math.max(own ?? 0, longest) || 60;
}

function datapointsOf(
  { DatapointsToAlarm }: PutMetricAlarmCommandInput,
  evaluationPeriods: number,
) {
  if (DatapointsToAlarm === undefined) return {};
  if (DatapointsToAlarm > evaluationPeriods)
    throw new QueryError('DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
  return { datapointsToAlarm: DatapointsToAlarm };
}

function treatmentOf({ TreatMissingData: treatment }: PutMetricAlarmCommandInput) {
  if (treatment === undefined) return {};
  if (!TREATMENTS.includes(treatment))
    throw new QueryError(`The value ${treatment} for parameter TreatMissingData is not supported.`);
  return { treatMissingData: treatment as TreatMissingData };
}

function lowSampleCountOf(input: PutMetricAlarmCommandInput) {
  const { EvaluateLowSampleCountPercentile: low, ExtendedStatistic } = input;
  if (low === undefined) return {};
  if (low !== 'evaluate' && low !== 'ignore')
    throw new QueryError(
      `The value ${low} for parameter EvaluateLowSampleCountPercentile is not supported.`,
    );
  if (ExtendedStatistic === undefined)
    throw new QueryError('EvaluateLowSampleCountPercentile is for percentiles alone.');
  return { lowSampleCount: low } as const;
}
