import type { Point } from '../series.ts';
import { ExpressionError, type Node } from './parser.ts';
import {
  finite,
  isSeries,
  joinedLabel,
  listOf,
  mapSeries,
  mapValue,
  numberOf,
  type Scope,
  type Series,
  seriesOf,
  timesOf,
  type Value,
} from './value.ts';

/** What a function gets: its arguments, worked out when asked for. */
export interface Call {
  args: readonly Node[];
  scope: Scope;
  /** The value of an argument. @throws ExpressionError where there is none */
  value(index: number): Value;
  /** An argument that is a word of the language: `REPEAT`, `ASC`. */
  word(index: number): string | undefined;
}

export type Apply = (call: Call) => Value;

const each =
  (change: (value: number) => number): Apply =>
  (call) =>
    mapValue(call.value(0), change);

/** Of a series a number; of several one series, over what each time has of them. */
const reduced =
  (reduce: (values: readonly number[]) => number): Apply =>
  (call) => {
    const value = call.value(0);
    if (typeof value === 'number') return value;
    if (isSeries(value)) return reduce(value.points.map(([, each]) => each));
    return acrossSeries(value, reduce);
  };

function acrossSeries(
  list: readonly Series[],
  reduce: (values: readonly number[]) => number,
): Series {
  const byTime = new Map<number, number[]>();
  for (const { points } of list)
    for (const [at, value] of points) {
      const values = byTime.get(at);
      if (values) values.push(value);
      else byTime.set(at, [value]);
    }
  const points = [...byTime]
    .map(([at, values]) => [at, reduce(values)] as const)
    .sort(([a], [b]) => a - b);
  const period = list.reduce((longest, series) => Math.max(longest, series.period), 0);
  return { label: joinedLabel(list.map(({ label }) => label)), period: period || 60_000, points };
}

const sum = (values: readonly number[]) => values.reduce((so, value) => so + value, 0);
const average = (values: readonly number[]) => sum(values) / values.length;
const least = (values: readonly number[]) =>
  values.reduce((so, value) => Math.min(so, value), Number.POSITIVE_INFINITY);
const greatest = (values: readonly number[]) =>
  values.reduce((so, value) => Math.max(so, value), Number.NEGATIVE_INFINITY);

function deviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
}

/** Each series by itself. */
const eachSeries =
  (what: string, change: (series: Series, call: Call) => Series): Apply =>
  (call) => {
    const value = call.value(0);
    if (Array.isArray(value)) return value.map((series) => change(series, call));
    return change(seriesOf(value, what), call);
  };

/** From each point and the one before it. */
const steps = (change: (now: Point, before: Point) => number) => (series: Series) => ({
  ...series,
  points: finite(
    series.points.slice(1).map((point, index) => {
      const before = series.points[index] as Point;
      return [point[0], change(point, before)] as const;
    }),
  ),
});

function runningSum(series: Series): Series {
  let so = 0;
  return mapSeries(series, (value) => {
    so += value;
    return so;
  });
}

function fill(series: Series, call: Call): Series {
  const { scope } = call;
  const known = new Map(series.points);
  const times = timesOf(scope, series.period);
  const missing = fillerOf(call, series.points);
  const points = times.flatMap((at) => {
    const value = known.get(at) ?? missing(at);
    return value === undefined ? [] : [[at, value] as const];
  });
  return { ...series, points };
}

/** What stands where there are no data. */
function fillerOf(call: Call, points: readonly Point[]): (at: number) => number | undefined {
  const word = call.word(1);
  if (word === 'REPEAT') return around(points, (_at, before) => before?.[1]);
  if (word === 'LINEAR') return around(points, between);
  const filler = call.value(1);
  if (typeof filler === 'number') return () => filler;
  const others = new Map(seriesOf(filler, 'FILL').points);
  return (at) => others.get(at);
}

/** By the points before and after a time; asked for times in their order, it looks at each point once. */
function around(
  points: readonly Point[],
  by: (at: number, before: Point | undefined, after: Point | undefined) => number | undefined,
): (at: number) => number | undefined {
  let next = 0;
  return (at) => {
    while (next < points.length && (points[next] as Point)[0] <= at) next += 1;
    return by(at, points[next - 1], points[next]);
  };
}

function between(
  at: number,
  before: Point | undefined,
  after: Point | undefined,
): number | undefined {
  if (!before || !after) return undefined;
  return before[1] + ((after[1] - before[1]) * (at - before[0])) / (after[0] - before[0]);
}

function choose(call: Call): Value {
  const condition = call.value(0);
  const [yes, no] = [call.value(1), call.args.length > 2 ? call.value(2) : undefined];
  if (typeof condition === 'number') return condition !== 0 ? yes : (no ?? []);
  const test = seriesOf(condition, 'IF');
  const pick = (value: Value | undefined) => {
    if (value === undefined || typeof value === 'number') return () => value;
    const values = new Map(seriesOf(value, 'IF').points);
    return (at: number) => values.get(at);
  };
  const [then, otherwise] = [pick(yes), pick(no)];
  const points = test.points.flatMap(([at, value]) => {
    const chosen = value !== 0 ? then(at) : otherwise(at);
    return chosen === undefined ? [] : [[at, chosen] as const];
  });
  return { ...test, points };
}

const SORTED_BY = new Map([
  ['AVG', average],
  ['MIN', least],
  ['MAX', greatest],
  ['SUM', sum],
]);

function sort(call: Call): Value {
  const list = listOf(call.value(0), 'SORT');
  const by = SORTED_BY.get(call.word(1) ?? '');
  const order = call.word(2);
  if (!by || (order !== 'ASC' && order !== 'DESC'))
    throw new ExpressionError('SORT takes AVG, MIN, MAX or SUM, and ASC or DESC');
  const ranked = list
    .filter(({ points }) => points.length > 0)
    .map((series) => ({ series, rank: by(series.points.map(([, value]) => value)) }))
    .sort((a, b) => (order === 'ASC' ? a.rank - b.rank : b.rank - a.rank))
    .map(({ series }) => series);
  return call.args.length > 3 ? ranked.slice(0, numberOf(call.value(3), 'SORT')) : ranked;
}

function slice(call: Call): Value {
  const list = listOf(call.value(0), 'SLICE');
  const from = numberOf(call.value(1), 'SLICE');
  if (call.args.length > 2) return list.slice(from, numberOf(call.value(2), 'SLICE'));
  const one = list[from];
  if (!one) throw new ExpressionError(`SLICE: there is no time series ${from}`);
  return one;
}

function metrics({ args, scope }: Call): Value {
  const [part] = args;
  if (!part) return [...scope.metrics];
  if (part.type !== 'text') throw new ExpressionError('METRICS takes a text');
  return scope.metrics.filter(({ id }) => id?.includes(part.value));
}

function constant(call: Call): Value {
  const value = numberOf(call.value(0), 'TIME_SERIES');
  const { period } = call.scope;
  const points = timesOf(call.scope, period).map((at) => [at, value] as const);
  return { label: 'TIME_SERIES', period, points };
}

const timePart = (part: (at: Date) => number): Apply =>
  eachSeries('The function', (series) => mapSeries(series, (_, at) => part(new Date(at))));

const one =
  (which: 'first' | 'last'): Apply =>
  (call) => {
    const list = listOf(call.value(0), which.toUpperCase());
    const found = which === 'first' ? list[0] : list.at(-1);
    if (!found) throw new ExpressionError('The array is empty');
    return found;
  };

/** The text by which what a SEARCH found is kept. */
export const searchKey = (args: readonly Node[]): string => JSON.stringify(args);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
export const FUNCTIONS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['ABS', each(Math.abs)],
  ['CEIL', each(Math.ceil)],
  ['FLOOR', each(Math.floor)],
  ['LOG', each(Math.log)],
  ['LOG10', each(Math.log10)],
  ['AVG', reduced(average)],
  ['MIN', reduced(least)],
  ['MAX', reduced(greatest)],
  ['SUM', reduced(sum)],
  ['STDDEV', reduced(deviation)],
  ['DATAPOINT_COUNT', reduced((values) => values.length)],
  [
    'DIFF',
    eachSeries(
      'DIFF',
      steps(([, now], [, before]) => now - before),
    ),
  ],
  [
    'DIFF_TIME',
    eachSeries(
      'DIFF_TIME',
      steps(([now], [before]) => (now - before) / 1000),
    ),
  ],
  [
    'RATE',
    eachSeries(
      'RATE',
      steps((a, b) => ((a[1] - b[1]) * 1000) / (a[0] - b[0])),
    ),
  ],
  ['RUNNING_SUM', eachSeries('RUNNING_SUM', runningSum)],
  ['FILL', eachSeries('FILL', fill)],
  ['IF', choose],
  ['SORT', sort],
  ['SLICE', slice],
  ['METRICS', metrics],
  ['METRIC_COUNT', (call) => listOf(call.value(0), 'METRIC_COUNT').length],
  ['PERIOD', (call) => seriesOf(call.value(0), 'PERIOD').period / 1000],
  ['TIME_SERIES', constant],
  ['FIRST', one('first')],
  ['LAST', one('last')],
  [
    'REMOVE_EMPTY',
    (call) => listOf(call.value(0), 'REMOVE_EMPTY').filter(({ points }) => points.length > 0),
  ],
  ['SEARCH', ({ args, scope }) => scope.searched(searchKey(args))],
  ['MINUTE', timePart((at) => at.getUTCMinutes())],
  ['HOUR', timePart((at) => at.getUTCHours())],
  // Monday is 1.
  ['DAY', timePart((at) => at.getUTCDay() || 7)],
  ['DATE', timePart((at) => at.getUTCDate())],
  ['MONTH', timePart((at) => at.getUTCMonth() + 1)],
  ['YEAR', timePart((at) => at.getUTCFullYear())],
  ['EPOCH', timePart((at) => at.getTime() / 1000)],
]);

/** What AWS has besides. */
export const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['ANOMALY_DETECTION_BAND', 'DB_PERF_INSIGHTS', 'INSIGHT_RULE_METRIC', 'LAMBDA'],
  'SERVICE_QUOTA',
]);
