import type { Summary, Weighted } from './summary.ts';

/** A statistic: what it makes of a summary, undefined where it cannot be told (percentiles of statistic sets). */
export interface Statistic {
  /** As the caller wrote it. */
  name: string;
  of(summary: Summary): number | undefined;
  /** Is it a percentile, which few samples say little of? */
  percentile?: number;
}

const PLAIN = new Map<string, (summary: Summary) => number>([
  ['SampleCount', ({ count }) => count],
  ['Sum', ({ sum }) => sum],
  ['Average', ({ sum, count }) => sum / count],
  ['Minimum', ({ min }) => min],
  ['Maximum', ({ max }) => max],
]);

/** The statistics that alone go into `Statistics`; all others are extended. */
export const isPlainStatistic = (name: string): boolean => PLAIN.has(name);

type Kind = 'tm' | 'wm' | 'tc' | 'ts' | 'pr';
/** Both absolute or both parts of a hundred; open ends are undefined. */
interface Range {
  low: number | undefined;
  high: number | undefined;
  percent: boolean;
}

/**
 * Reads a statistic's name: `Average`, `p99.9`, `tm95`, `IQM`, `TM(10%:90%)`, `PR(:300)`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 * @returns undefined for what is none
 */
export function parseStatistic(name: string): Statistic | undefined {
  const plain = PLAIN.get(name);
  if (plain) return { name, of: plain };
  if (name === 'IQM') return ranged(name, 'tm', { low: 25, high: 75, percent: true });
  const [, letters = '', digits = ''] =
    /^(p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$/.exec(name) ?? [];
  if (letters) {
    const percent = Number(digits);
    if (percent > 100) return undefined;
    if (letters === 'p') return percentileOf(name, percent);
    return ranged(name, letters as Kind, { low: undefined, high: percent, percent: true });
  }
  const [, kind = '', low = '', high = ''] =
    /^(TM|WM|TC|TS|PR)\(([^:]*):([^:]*)\)$/.exec(name) ?? [];
  const range = kind ? rangeOf(low, high) : undefined;
  if (!range || (kind === 'PR' && range.percent)) return undefined;
  return ranged(name, kind.toLowerCase() as Kind, range);
}

const BOUND = /^\d{1,40}(?:\.\d{1,10})?(?:[Ee][+-]?\d{1,3})?(%?)$/;

function rangeOf(low: string, high: string): Range | undefined {
  const given = [low, high].filter((bound) => bound !== '');
  const units = new Set(given.map((bound) => BOUND.exec(bound)?.[1]));
  const [unit] = units;
  if (given.length === 0 || units.size !== 1 || unit === undefined) return undefined;
  const number = (bound: string) => (bound === '' ? undefined : Number.parseFloat(bound));
  const range = { low: number(low), high: number(high), percent: unit === '%' };
  if (range.percent && given.some((bound) => Number.parseFloat(bound) > 100)) return undefined;
  const inOrder = range.low === undefined || range.high === undefined || range.low < range.high;
  return inOrder ? range : undefined;
}

/** The value at a rank, counted from 1. */
function atRank(values: readonly Weighted[], rank: number): number {
  let seen = 0;
  for (const [value, count] of values) {
    seen += count;
    if (seen >= rank - 1e-9) return value;
  }
  return values.at(-1)?.[0] ?? Number.NaN;
}

/** Percentiles of negative values are not told. */
const tellable = ({ values, min }: Summary) => (values && min >= 0 ? values : undefined);

function percentileOf(name: string, percent: number): Statistic {
  return {
    name,
    percentile: percent,
    of(summary) {
      const values = tellable(summary);
      return values && atRank(values, Math.max(1, (percent / 100) * summary.count));
    },
  };
}

function ranged(name: string, kind: Kind, range: Range): Statistic {
  return {
    name,
    of(summary) {
      const values = tellable(summary);
      if (!values) return undefined;
      const within = range.percent
        ? byRank(values, summary.count, range)
        : values.filter(([value]) => isWithin(value, range));
      return statisticOf(kind, values, within, summary.count);
    },
  };
}

/** The lower bound is not within, the upper one is. */
const isWithin = (value: number, { low, high }: Range) =>
  (low === undefined || value > low) && (high === undefined || value <= high);

/** Those between two percentiles: what lies on a border counts as far as it lies within. */
function byRank(
  values: readonly Weighted[],
  total: number,
  { low = 0, high = 100 }: Range,
): Weighted[] {
  const from = (low / 100) * total;
  const to = (high / 100) * total;
  const found: Weighted[] = [];
  let seen = 0;
  for (const [value, count] of values) {
    const part = Math.min(seen + count, to) - Math.max(seen, from);
    if (part > 1e-9) found.push([value, part]);
    seen += count;
  }
  return found;
}

function statisticOf(
  kind: Kind,
  all: readonly Weighted[],
  within: readonly Weighted[],
  total: number,
): number | undefined {
  const count = within.reduce((sum, [, times]) => sum + times, 0);
  const sum = within.reduce((so, [value, times]) => so + value * times, 0);
  if (kind === 'tc') return count;
  if (kind === 'ts') return sum;
  if (kind === 'pr') return (count / total) * 100;
  if (count === 0) return undefined;
  if (kind === 'tm') return sum / count;
  return winsorized(all, within, total);
}

/** What lies outside is counted as the border that it lies beyond. */
function winsorized(all: readonly Weighted[], within: readonly Weighted[], total: number): number {
  const low = within[0]?.[0] ?? 0;
  const high = within.at(-1)?.[0] ?? 0;
  const sum = all.reduce(
    (so, [value, times]) => so + Math.min(Math.max(value, low), high) * times,
    0,
  );
  return sum / total;
}
