import type { MetricAlarm } from './alarm.ts';
import { type Datapoint, evaluate, type Terms, type Verdict } from './evaluation.ts';
import { metricId, metricOf } from './metric.ts';
import { type Plan, planOf, QueryError, type Sources, workOut } from './queries.ts';
import { reasonDataOf, reasonOf } from './reason.ts';
import { type Point, periodsOf, type TimedEntry } from './series.ts';
import { parseStatistic } from './statistic.ts';
import { rangeOf } from './wheel.ts';

/** An alarm, ready to be evaluated again and again. */
export interface Judged {
  alarm: MetricAlarm;
  /** The metrics whose data it needs. */
  metricIds: string[];
  plan?: Plan;
}

export function prepare(alarm: MetricAlarm): Judged {
  const { single, queries } = alarm;
  if (single) {
    const { namespace: Namespace, metricName: MetricName, dimensions: Dimensions } = single;
    const id = metricId(alarm, metricOf({ Namespace, MetricName, Dimensions }));
    return { alarm, metricIds: [id] };
  }
  const plan = planOf(queries ?? []);
  const ids = plan.queries.flatMap(({ reading }) =>
    reading ? [metricId(alarm, reading.metric)] : [],
  );
  return { alarm, metricIds: [...new Set(ids)], plan };
}

/** An alarm's terms with AWS's defaults. */
export function termsOf(alarm: MetricAlarm): Terms {
  const { comparison, threshold, evaluationPeriods, datapointsToAlarm, single } = alarm;
  const { treatMissingData = 'missing' } = alarm;
  return {
    ...{ comparison, threshold, evaluationPeriods },
    datapointsToAlarm: datapointsToAlarm ?? evaluationPeriods,
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, TreatMissingData
    treatMissingData: single?.namespace === 'AWS/DynamoDB' ? 'ignore' : treatMissingData,
  };
}

/** A percentile of fewer samples tells little: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html */
function fewest(percentile: number): number {
  const part = percentile / 100;
  return part >= 0.5 ? 10 / (1 - part) : 10 / part;
}

/** What the periods of an alarm's range had. @param entries of the metrics, by their ids */
function datapoints(
  { alarm, metricIds, plan }: Judged,
  entries: ReadonlyMap<string, readonly TimedEntry[]>,
  { end, now, sources }: Turn,
): (Datapoint | undefined)[] {
  const { from, to, periods } = rangeOf(alarm, end);
  const period = alarm.period * 1000;
  const range: (Datapoint | undefined)[] = Array.from({ length: periods });
  const place = (point: Datapoint) => {
    range[Math.floor((point.at - from) / period)] = point;
  };
  if (plan) {
    for (const [at, value] of mathPoints(plan, sources(plan, { from, to }))) place({ at, value });
    return range;
  }
  const { single, lowSampleCount } = alarm;
  const statistic = parseStatistic(single?.extendedStatistic ?? single?.statistic ?? 'Average');
  const asked = { from, to, period, unit: single?.unit };
  for (const { at, summary } of periodsOf(entries.get(metricIds[0] ?? '') ?? [], asked, now)) {
    const value = statistic?.of(summary);
    if (value === undefined) continue;
    const few =
      lowSampleCount === 'ignore' &&
      statistic?.percentile !== undefined &&
      summary.count < fewest(statistic.percentile);
    place({ at, value, sampleCount: summary.count, ...(few && { few }) });
  }
  return range;
}

/** An expression that cannot be worked out over what there is has no data. */
function mathPoints(plan: Plan, sources: Sources): readonly Point[] {
  try {
    const [result] = workOut(plan, sources);
    return result?.series[0]?.points ?? [];
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
}

/** When an alarm is evaluated, and where its data come from. */
export interface Turn {
  /** Epoch milliseconds: where the data end. */
  end: number;
  now: number;
  sources(plan: Plan, span: { from: number; to: number }): Sources;
}

/** What an alarm has come to. */
export interface NewState {
  value: NonNullable<Verdict['state']>;
  reason: string;
  reasonData: string;
}

/** The newest value that an alarm looks at; undefined where there is none. */
export function latestOf(
  judged: Judged,
  entries: ReadonlyMap<string, readonly TimedEntry[]>,
  turn: Turn,
): number | undefined {
  return datapoints(judged, entries, turn).findLast((point) => point !== undefined)?.value;
}

/** The state that an alarm goes to; undefined where it stays in its own. */
export function judge(
  judged: Judged,
  entries: ReadonlyMap<string, readonly TimedEntry[]>,
  turn: Turn,
): NewState | undefined {
  const { alarm } = judged;
  const terms = termsOf(alarm);
  const verdict = evaluate(datapoints(judged, entries, turn), terms);
  const { state } = verdict;
  if (state === undefined || state === alarm.state.value) return undefined;
  const start = rangeOf(alarm, turn.end).from;
  return {
    value: state,
    reason: reasonOf(verdict, state, terms, alarm.datapointsToAlarm !== undefined),
    reasonData: reasonDataOf(alarm, verdict, { now: turn.now, start }),
  };
}
