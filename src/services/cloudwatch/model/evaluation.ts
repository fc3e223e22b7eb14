import type { ComparisonOperator, StateValue } from '@aws-sdk/client-cloudwatch';
import type { TreatMissingData } from './alarm.ts';

/** What happened in one period of the evaluation range. */
export interface Datapoint {
  /** When the period began, epoch milliseconds. */
  at: number;
  value: number;
  sampleCount?: number;
  /** Too few samples for a percentile to tell. */
  few?: boolean;
}

/** What an evaluation decides by. */
export interface Terms {
  comparison: ComparisonOperator;
  threshold: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: TreatMissingData;
}

/** What an evaluation finds. */
export interface Verdict {
  /** Undefined: the alarm stays in the state that it is in. */
  state: StateValue | undefined;
  /** Those that were decided by, in order of time. */
  evaluated: Datapoint[];
  breaching: number;
  /** How many periods without data counted as if there were some. */
  filled: number;
}

/** How many periods an evaluation looks at: more than the alarm's own, since data come late and may be missing. */
export function evaluationRange(evaluationPeriods: number, periodSeconds: number): number {
  return evaluationPeriods + (periodSeconds < 300 ? 2 : 1);
}

export function isBreaching(comparison: ComparisonOperator, value: number, threshold: number) {
  if (comparison === 'GreaterThanThreshold') return value > threshold;
  if (comparison === 'GreaterThanOrEqualToThreshold') return value >= threshold;
  if (comparison === 'LessThanThreshold') return value < threshold;
  return value <= threshold;
}

/**
 * The state that follows from the periods of the evaluation range, the oldest first; undefined is a period without data.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(range: readonly (Datapoint | undefined)[], terms: Terms): Verdict {
  const real = range.filter((point) => point !== undefined);
  const most = real.slice(-terms.evaluationPeriods);
  const breaches = (point: Datapoint) =>
    isBreaching(terms.comparison, point.value, terms.threshold);
  const breaching = most.filter(breaches).length;
  const filled = terms.evaluationPeriods - most.length;
  const found = { evaluated: most, breaching, filled };
  if (most.some(({ few }) => few)) return { ...found, state: undefined };
  if (filled === 0) return { ...found, state: stateOf(breaching, terms) };
  const { treatMissingData } = terms;
  if (treatMissingData === 'breaching')
    return { ...found, state: stateOf(breaching + filled, terms) };
  if (treatMissingData === 'notBreaching') return { ...found, state: stateOf(breaching, terms) };
  return { ...found, state: withoutFilling(range, breaches, terms) };
}

const stateOf = (breaching: number, { datapointsToAlarm }: Terms): StateValue =>
  breaching >= datapointsToAlarm ? 'ALARM' : 'OK';

/** `missing` and `ignore`: periods without data say nothing. */
function withoutFilling(
  range: readonly (Datapoint | undefined)[],
  breaches: (point: Datapoint) => boolean,
  { datapointsToAlarm, treatMissingData }: Terms,
): StateValue | undefined {
  const real = range.filter((point) => point !== undefined);
  if (real.length === 0) return treatMissingData === 'missing' ? 'INSUFFICIENT_DATA' : undefined;
  const breaching = real.filter(breaches).length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (breaching < real.length) return 'OK';
  // All that is known breaches, and the oldest of it is so old that the rest of what would be needed may be missing.
  const age = range.length - range.findIndex((point) => point !== undefined);
  return treatMissingData === 'missing' && age >= datapointsToAlarm ? 'ALARM' : undefined;
}
