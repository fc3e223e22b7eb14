import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { LARGEST_VALUE, MAX_DATUMS, MAX_FUTURE_MS, MAX_PAST_MS, MAX_VALUES } from '../limits.ts';
import type { Entry } from './chunk.ts';
import { type MetricName, metricOf } from './metric.ts';
import { measured, merged, type Summary, statisticSet } from './summary.ts';

/** What one member of `MetricData` says. */
export interface Datum {
  metric: MetricName;
  /** Milliseconds: a second or a minute. */
  resolution: number;
  entry: Entry;
}

/** How data that are wrong are refused: what is wrong, and by which of AWS's errors. */
export class DatumError extends Error {
  readonly kind: 'value' | 'combination' | 'missing';

  constructor(kind: DatumError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Reads what a call puts.
 * @param now epoch milliseconds: the time of those that say none, and by which all others are judged
 * @throws DatumError
 */
export function readData(namespace: string, data: readonly MetricDatum[], now: number): Datum[] {
  if (data.length > MAX_DATUMS)
    throw new DatumError(
      'value',
      `The collection MetricData must not have a size greater than ${MAX_DATUMS}.`,
    );
  return data.map((datum, index) =>
    readDatum(namespace, datum, `MetricData.member.${index + 1}`, now),
  );
}

function readDatum(namespace: string, datum: MetricDatum, member: string, now: number): Datum {
  const at = timeOf(datum, member, now);
  const { StorageResolution = 60, Unit = 'None', MetricName, Dimensions } = datum;
  if (StorageResolution !== 1 && StorageResolution !== 60)
    throw new DatumError(
      'value',
      `The value ${StorageResolution} for parameter ${member}.StorageResolution is invalid: it must be 1 or 60.`,
    );
  const names = new Set(Dimensions?.map(({ Name }) => Name));
  if (names.size !== (Dimensions?.length ?? 0))
    throw new DatumError('value', `The parameter ${member}.Dimensions has a name twice.`);
  const resolution = StorageResolution * 1000;
  const summary = summaryOf(datum, member);
  return {
    metric: metricOf({ Namespace: namespace, MetricName, Dimensions }),
    resolution,
    entry: { at: Math.floor(at / resolution) * resolution, unit: Unit, summary },
  };
}

function timeOf({ Timestamp }: MetricDatum, member: string, now: number): number {
  const at = Timestamp?.getTime() ?? now;
  if (!(at >= now - MAX_PAST_MS))
    throw new DatumError(
      'value',
      `The parameter ${member}.Timestamp must specify a time no more than two weeks in the past.`,
    );
  if (at > now + MAX_FUTURE_MS)
    throw new DatumError(
      'value',
      `The parameter ${member}.Timestamp must specify a time no more than two hours in the future.`,
    );
  return at;
}

function summaryOf(datum: MetricDatum, member: string): Summary {
  const { Value, StatisticValues, Values, Counts } = datum;
  const given = [
    ...(Value === undefined ? [] : ['Value']),
    ...(StatisticValues === undefined ? [] : ['StatisticValues']),
    ...(Values === undefined ? [] : ['Values']),
  ];
  const [first, second] = given;
  if (first === undefined)
    throw new DatumError(
      'missing',
      `At least one of the parameters ${member}.Value, ${member}.Values or ${member}.StatisticValues must be specified.`,
    );
  if (second !== undefined)
    throw new DatumError(
      'combination',
      `The parameters ${member}.${first} and ${member}.${second} are mutually exclusive and you have specified both.`,
    );
  if (Value !== undefined) return measured(checked(Value, `${member}.Value`));
  if (Values !== undefined) return distribution(Values, Counts, member);
  const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues ?? {};
  const set = [
    checked(SampleCount, `${member}.StatisticValues.SampleCount`),
    checked(Sum, `${member}.StatisticValues.Sum`),
    checked(Minimum, `${member}.StatisticValues.Minimum`),
    checked(Maximum, `${member}.StatisticValues.Maximum`),
  ] as const;
  if (SampleCount <= 0 || Minimum > Maximum)
    throw new DatumError(
      'value',
      `The parameter ${member}.StatisticValues must have a positive SampleCount, and a Minimum that is not above its Maximum.`,
    );
  return statisticSet(...set);
}

function distribution(
  values: readonly number[],
  counts: readonly number[] | undefined,
  member: string,
): Summary {
  if (values.length === 0)
    throw new DatumError('value', `The collection ${member}.Values must not be empty.`);
  if (values.length > MAX_VALUES)
    throw new DatumError(
      'value',
      `The collection ${member}.Values must not have a size greater than ${MAX_VALUES}.`,
    );
  if (counts && counts.length !== values.length)
    throw new DatumError(
      'value',
      `The parameters ${member}.Values and ${member}.Counts must be of the same size.`,
    );
  const parts = values.map((value, index) => {
    const count = checked(counts?.[index] ?? 1, `${member}.Counts.member.${index + 1}`);
    if (count <= 0)
      throw new DatumError(
        'value',
        `The value ${count} for parameter ${member}.Counts.member.${index + 1} is invalid.`,
      );
    return measured(checked(value, `${member}.Values.member.${index + 1}`), count);
  });
  return merged(parts);
}

function checked(value: number, parameter: string): number {
  if (!(Math.abs(value) <= LARGEST_VALUE))
    throw new DatumError('value', `The value ${value} for parameter ${parameter} is invalid.`);
  return value;
}
