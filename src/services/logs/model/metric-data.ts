import type { LogEvent } from './batch.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import { readPath } from './json-selector.ts';
import { type Filter, FilterPatternError } from './matcher.ts';

/** How a match becomes a metric. */
export interface Transformation {
  metricNamespace?: string | undefined;
  metricName?: string | undefined;
  /** A number, or a name of the pattern. */
  metricValue?: string | undefined;
  defaultValue?: number | undefined;
  dimensions?: Record<string, string> | undefined;
  unit?: string | undefined;
}

/** What CloudWatch gets of one minute: values and how often each was. */
export interface MetricData {
  namespace: string;
  name: string;
  unit?: string | undefined;
  dimensions: [name: string, value: string][];
  /** Epoch milliseconds, at the beginning of a minute. */
  timestamp: number;
  values: Map<number, number>;
}

/** By epoch minute, whether something matched in it. */
export type Minutes = Map<number, boolean>;

export const MINUTE_MS = 60_000;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const LARGEST_VALUE = 2 ** 360;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html */
const LONGEST_DIMENSION = 1024;

const isValue = (number: number) => Math.abs(number) <= LARGEST_VALUE;
const isDimension = (text: string | undefined) =>
  text !== undefined && text !== '' && text.length <= LONGEST_DIMENSION;

type Read = (message: string) => string | undefined;

/** A metric filter that can look at events. */
export interface MetricFilter {
  /** Adds what events make of it, and says which minutes it saw. */
  add(events: LogEvent[], data: Map<string, MetricData>): Minutes;
  /** The default value for a minute; undefined where there is none. */
  fallback(minute: number): MetricData[];
}

/** @throws FilterPatternError UnsupportedPatternError */
export function compileMetricFilter(
  pattern: string,
  transformations: readonly Transformation[],
): MetricFilter {
  const filter = parseFilterPattern(pattern);
  const made = transformations.map((each) => compileTransformation(filter, each));
  return {
    add(events, data) {
      const minutes: Minutes = new Map();
      for (const { timestamp, message } of events) {
        const minute = Math.floor(timestamp / MINUTE_MS);
        const matched = filter.matches(message);
        minutes.set(minute, matched || minutes.get(minute) === true);
        if (matched) for (const add of made) add(message, minute * MINUTE_MS, data);
      }
      return minutes;
    },
    fallback: (minute) =>
      transformations.flatMap((each) =>
        each.defaultValue === undefined
          ? []
          : [
              {
                ...dataOf(each, [], minute * MINUTE_MS),
                values: new Map([[each.defaultValue, 1]]),
              },
            ],
      ),
  };
}

function compileTransformation(filter: Filter, transformation: Transformation) {
  const value = valueReader(filter, transformation.metricValue ?? '');
  const dimensions = Object.entries(transformation.dimensions ?? {}).map(([name, from]) => ({
    name,
    read: nameReader(filter, from),
  }));
  return (message: string, timestamp: number, data: Map<string, MetricData>): void => {
    const number = Number(value(message) || Number.NaN);
    const found = dimensions.map(
      ({ name, read }): [string, string | undefined] =>
        [...[name, read(message)]] as [string, string | undefined],
    );
    // What has no number, or lacks a dimension, is no point of the metric; nor is what CloudWatch does not take.
    if (!isValue(number) || !found.every(([, each]) => isDimension(each))) return;
    const id = JSON.stringify([
      transformation.metricNamespace,
      transformation.metricName,
      found,
      timestamp,
    ]);
    const known = data.get(id) ?? dataOf(transformation, found as [string, string][], timestamp);
    data.set(id, known);
    known.values.set(number, (known.values.get(number) ?? 0) + 1);
  };
}

function dataOf(
  { metricNamespace = '', metricName = '', unit }: Transformation,
  dimensions: [string, string][],
  timestamp: number,
): MetricData {
  return {
    namespace: metricNamespace,
    name: metricName,
    unit,
    dimensions,
    timestamp,
    values: new Map(),
  };
}

function valueReader(filter: Filter, value: string): Read {
  if (value !== '' && Number.isFinite(Number(value))) return () => value;
  return nameReader(filter, value);
}

/** A name of the pattern; of a pattern without names a path of JSON will do. */
function nameReader(filter: Filter, name: string): Read {
  const read = name.startsWith('$') ? (filter.reader ?? readPath)(name) : undefined;
  if (!read)
    throw new FilterPatternError(`Invalid metric transformation: ${name} is not in the pattern`);
  return read;
}
