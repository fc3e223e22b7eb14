import type { Held } from './held.ts';
import { compareInOrder } from './order.ts';
import { toNumber, toText, type Value } from './values.ts';

/** What is gathered of the rows of one group. */
export interface Gathered {
  /** @param timestamp of the row's event, in epoch milliseconds */
  add(value: Value, timestamp: number): void;
  result(): Value;
}

/** A function of `stats`: its arguments beside the value are constants. */
export interface Aggregate {
  constants: number;
  /** Whether it may be called without a value: count(). */
  alone?: boolean;
  start(constants: number[], held: Held): Gathered;
}

/** Results are shown with this many places. */
const PLACES = 4;

export const rounded = (value: number): number => {
  const scale = 10 ** PLACES;
  const found = Math.round(value * scale) / scale;
  return Number.isFinite(found) ? found : value;
};

function ofNumbers(start: () => { add(x: number): void; result(): number | undefined }): Aggregate {
  return {
    constants: 0,
    start() {
      const { add, result } = start();
      return {
        add(value) {
          const number = toNumber(value);
          if (number !== undefined) add(number);
        },
        result() {
          const found = result();
          return found === undefined ? undefined : rounded(found);
        },
      };
    },
  };
}

/** Sum and squares as they come in, by Welford's method. */
function makeMoments() {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let sum = 0;
  return {
    add(x: number) {
      count++;
      sum += x;
      const delta = x - mean;
      mean += delta / count;
      squares += delta * (x - mean);
    },
    count: () => count,
    sum: () => sum,
    mean: () => mean,
    variance: () => squares / count,
  };
}

const sum = ofNumbers(() => {
  const { add, count, sum: total } = makeMoments();
  return { add, result: () => (count() === 0 ? undefined : total()) };
});
const average = ofNumbers(() => {
  const { add, count, sum: total } = makeMoments();
  return { add, result: () => (count() === 0 ? undefined : total() / count()) };
});
const deviation = ofNumbers(() => {
  const { add, count, variance } = makeMoments();
  return { add, result: () => (count() === 0 ? undefined : Math.sqrt(variance())) };
});

const count: Aggregate = {
  constants: 0,
  alone: true,
  start() {
    let found = 0;
    return {
      add(value) {
        if (value !== undefined) found++;
      },
      result: () => found,
    };
  },
};

const distinct: Aggregate = {
  constants: 0,
  start(_constants, held) {
    const seen = new Set<string>();
    return {
      add(value) {
        const text = toText(value);
        if (text === undefined || seen.has(text)) return;
        held.add(text.length);
        seen.add(text);
      },
      result: () => seen.size,
    };
  },
};

/** The one that comes first by `before`. */
function chosen(before: (a: Value, b: Value) => boolean): Aggregate {
  return {
    constants: 0,
    start() {
      let best: Value;
      return {
        add(value) {
          if (value !== undefined && (best === undefined || before(value, best))) best = value;
        },
        result: () => best,
      };
    },
  };
}

/** The value at the earliest, or the latest, time. */
function timed(before: (a: number, b: number) => boolean): Aggregate {
  return {
    constants: 0,
    start() {
      let best: Value;
      let at: number | undefined;
      return {
        add(value, timestamp) {
          if (value === undefined || (at !== undefined && !before(timestamp, at))) return;
          best = value;
          at = timestamp;
        },
        result: () => best,
      };
    },
  };
}

const percentile: Aggregate = {
  constants: 1,
  start([percent = 50], held) {
    const values: number[] = [];
    return {
      add(value) {
        const number = toNumber(value);
        if (number === undefined) return;
        held.add(1);
        values.push(number);
      },
      result() {
        if (values.length === 0) return undefined;
        values.sort((a, b) => a - b);
        return rounded(interpolated(values, percent));
      },
    };
  },
};

/** The value at a percentage of the way through, between the two that are next to it. */
function interpolated(sorted: number[], percent: number): number {
  const place = (Math.min(100, Math.max(0, percent)) / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/** By their names in lower case. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html */
export const AGGREGATES: ReadonlyMap<string, Aggregate> = new Map(
  Object.entries({
    count,
    count_distinct: distinct,
    sum,
    avg: average,
    stddev: deviation,
    min: chosen((a, b) => compareInOrder(a, b) < 0),
    max: chosen((a, b) => compareInOrder(a, b) > 0),
    sortsfirst: chosen((a, b) => compareInOrder(a, b) < 0),
    sortslast: chosen((a, b) => compareInOrder(a, b) > 0),
    earliest: timed((a, b) => a < b),
    latest: timed((a, b) => a > b),
    pct: percentile,
  } satisfies Record<string, Aggregate>),
);
