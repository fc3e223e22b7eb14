import type { Point } from '../series.ts';
import { ExpressionError } from './parser.ts';

/** Values over time. */
export interface Series {
  label: string;
  /** The query that it comes from, where it is one. */
  id?: string;
  /** Milliseconds. */
  period: number;
  /** In order of time. */
  points: readonly Point[];
}

/** What a part of an expression is worth. */
export type Value = number | Series | Series[];

/** Where and what is worked out. */
export interface Scope {
  /** Epoch milliseconds: the first period's begin, and the end of all. */
  from: number;
  to: number;
  /** Milliseconds, of series that come from no metric. */
  period: number;
  /** @throws ExpressionError for an id that there is not */
  lookUp(id: string): Value;
  /** All metrics of the request. */
  metrics: readonly Series[];
  /** What a SEARCH has found, by its arguments. */
  searched(key: string): Series[];
  /** Says how many points more are worked out. @throws ExpressionError where a request makes too many */
  spend(points: number): void;
}

export const isSeries = (value: Value): value is Series =>
  typeof value === 'object' && !Array.isArray(value);

export function seriesOf(value: Value | undefined, what: string): Series {
  if (value === undefined || !isSeries(value))
    throw new ExpressionError(`${what} takes a time series`);
  return value;
}

/** One or several. */
export function listOf(value: Value | undefined, what: string): Series[] {
  if (value === undefined || typeof value === 'number')
    throw new ExpressionError(`${what} takes time series`);
  return Array.isArray(value) ? value : [value];
}

export function numberOf(value: Value | undefined, what: string): number {
  if (typeof value !== 'number') throw new ExpressionError(`${what} takes a number`);
  return value;
}

/** Each value by itself. Results that are no numbers, such as those of a division by zero, are no data. */
export function mapValue(value: Value, change: (value: number) => number): Value {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((series) => mapSeries(series, change));
  return mapSeries(value, change);
}

export function mapSeries(series: Series, change: (value: number, at: number) => number): Series {
  return {
    ...series,
    points: finite(series.points.map(([at, value]) => [at, change(value, at)] as const)),
  };
}

export const finite = (points: readonly Point[]): Point[] =>
  points.filter(([, value]) => Number.isFinite(value));

/** Two values by each other: series where both have data. */
export function combined(left: Value, right: Value, by: (a: number, b: number) => number): Value {
  if (typeof right === 'number') return mapValue(left, (value) => by(value, right));
  if (typeof left === 'number') return mapValue(right, (value) => by(left, value));
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length)
      throw new ExpressionError('Arrays of different lengths cannot be combined');
    return left.map((each, index) => joined(each, right[index] as Series, by));
  }
  if (Array.isArray(left)) return left.map((each) => joined(each, right as Series, by));
  if (Array.isArray(right)) return right.map((each) => joined(left, each, by));
  return joined(left, right, by);
}

function joined(left: Series, right: Series, by: (a: number, b: number) => number): Series {
  const others = new Map(right.points);
  const points = left.points.flatMap(([at, value]) => {
    const other = others.get(at);
    return other === undefined ? [] : [[at, by(value, other)] as const];
  });
  return {
    label: joinedLabel([left.label, right.label]),
    period: Math.max(left.period, right.period),
    points: finite(points),
  };
}

/** Expressions on expressions would else double it each time. */
const LONGEST_LABEL = 1024;

export const joinedLabel = (labels: readonly string[]): string =>
  labels.join(' ').slice(0, LONGEST_LABEL);

/** The times at which the scope's periods begin. */
export function timesOf({ from, to, spend }: Scope, period: number): number[] {
  const count = Math.max(0, Math.ceil((to - from) / period));
  if (count > MOST_TIMES) throw new ExpressionError('The time range has too many periods');
  spend(count);
  return Array.from({ length: count }, (_, index) => from + index * period);
}

const MOST_TIMES = 100_800;
