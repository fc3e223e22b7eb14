import type { ComparisonOperator, StateValue } from '@aws-sdk/client-cloudwatch';
import { MAX_REASON_DATA } from '../limits.ts';
import type { MetricAlarm } from './alarm.ts';
import type { Terms, Verdict } from './evaluation.ts';
import { Double, javaDouble, javaJson, javaTime, reasonTime } from './java.ts';

export const INITIAL_REASON = 'Unchecked: Initial alarm creation';

/** So many of the latest values are told in a reason. */
const TOLD = 5;

const WORDS: [ComparisonOperator, string][] = [
  ['GreaterThanThreshold', 'greater than'],
  ['GreaterThanOrEqualToThreshold', 'greater than or equal to'],
  ['LessThanThreshold', 'less than'],
  ['LessThanOrEqualToThreshold', 'less than or equal to'],
];
const wordsOf = (comparison: ComparisonOperator) =>
  WORDS.find(([name]) => name === comparison)?.[1] ?? comparison;

const some = (count: number, word = 'datapoint') => `${count} ${word}${count === 1 ? '' : 's'}`;

/** A sentence of AWS's on why an alarm has come to a state. @param saysHowMany whether the alarm has `DatapointsToAlarm` */
export function reasonOf(
  verdict: Verdict,
  state: StateValue,
  terms: Pick<
    Terms,
    'comparison' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
  >,
  saysHowMany: boolean,
): string {
  const { evaluated, breaching, filled } = verdict;
  const { evaluationPeriods, treatMissingData } = terms;
  if (state === 'INSUFFICIENT_DATA') {
    const were = evaluationPeriods === 1 ? 'was' : 'were';
    return `Insufficient Data: ${some(evaluationPeriods)} ${were} unknown.`;
  }
  if (evaluated.length === 0) {
    const treated = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    const [were, points] = filled === 1 ? ['was', 'datapoint'] : ['were', 'datapoints'];
    return `Threshold Crossed: no datapoints were received for ${some(evaluationPeriods, 'period')} and ${filled} missing ${points} ${were} treated as [${treated}].`;
  }
  const values = evaluated
    .slice(-TOLD)
    .reverse()
    .map(({ value, at }) => `${javaDouble(value)} (${reasonTime(at)})`)
    .join(', ');
  const threshold = `the threshold (${javaDouble(terms.threshold)})`;
  const compared = wordsOf(terms.comparison);
  if (state === 'OK') {
    const counted = evaluated.length;
    return `Threshold Crossed: ${some(counted)} [${values}] ${counted === 1 ? 'was' : 'were'} not ${compared} ${threshold}.`;
  }
  const { datapointsToAlarm } = terms;
  const last = `last ${evaluationPeriods} datapoints`;
  const [are] = breaching === 1 ? ['was'] : ['were'];
  if (!saysHowMany)
    return `Threshold Crossed: ${some(breaching)} [${values}] ${are} ${compared} ${threshold}.`;
  return `Threshold Crossed: ${breaching} out of the ${last} [${values}] ${are} ${compared} ${threshold} (minimum ${some(datapointsToAlarm)} for OK -> ALARM transition).`;
}

/** The JSON of `StateReasonData`. @param start of the evaluation range, epoch milliseconds */
export function reasonDataOf(
  alarm: MetricAlarm,
  { evaluated }: Verdict,
  { now, start }: { now: number; start: number },
): string {
  const whole = toldData(alarm, evaluated, { now, start });
  if (whole.length <= MAX_REASON_DATA) return whole;
  // The latest of them, as many as fit.
  return toldData(alarm, evaluated.slice(-TOLD_AT_MOST), { now, start });
}

/** A datapoint takes a hundred characters. */
const TOLD_AT_MOST = 20;

function toldData(
  alarm: MetricAlarm,
  evaluated: Verdict['evaluated'],
  { now, start }: { now: number; start: number },
): string {
  const { single } = alarm;
  const has = evaluated.length > 0;
  return javaJson({
    version: '1.0',
    queryDate: javaTime(now),
    ...(has && { startDate: javaTime(start) }),
    ...(single && { statistic: single.statistic ?? single.extendedStatistic }),
    ...(single?.unit && { unit: single.unit }),
    period: alarm.period,
    recentDatapoints: evaluated.map(({ value }) => new Double(value)),
    threshold: new Double(alarm.threshold),
    ...(has && {
      evaluatedDatapoints: evaluated.toReversed().map(({ at, value, sampleCount }) => ({
        timestamp: javaTime(at),
        ...(sampleCount !== undefined && { sampleCount: new Double(sampleCount) }),
        value: new Double(value),
      })),
    }),
  });
}
