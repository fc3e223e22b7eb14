import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entry, packEntries, rollUp, unpackEntries } from './chunk.ts';
import { parseStatistic } from './statistic.ts';
import { measured, merged, statisticSet } from './summary.ts';

/** 1 to 100, each once. */
const HUNDRED = merged(Array.from({ length: 100 }, (_, index) => measured(index + 1)));
const of = (name: string, summary = HUNDRED) => parseStatistic(name)?.of(summary);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
test.each([
  ['SampleCount', 100],
  ['Sum', 5050],
  ['Average', 50.5],
  ['Minimum', 1],
  ['Maximum', 100],
  ['p0', 1],
  ['p50', 50],
  ['p99', 99],
  ['p99.9', 100],
  ['p100', 100],
  ['tm90', 45.5],
  ['TM(10%:90%)', 50.5],
  ['TM(:95%)', 48],
  ['TM(150:1000)', undefined],
  ['TM(10:20)', 15.5],
  ['IQM', 50.5],
  ['wm98', 50.47],
  ['tc90', 90],
  ['TC(10%:)', 90],
  ['TC(10:20)', 10],
  ['ts90', 4095],
  ['TS(80%:)', 1810],
  ['PR(:30)', 30],
  ['PR(10:20)', 10],
])('%s of 1 to 100', (name, value) => {
  const found = of(name);
  if (value === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(value, 9);
});

test.each([
  ...['', 'p', 'p101', 'P50', 'tm', 'average', 'TM()', 'TM(:)', 'TM(90%:10%)', 'TM(10%:20)'],
  ...['PR(10%:20%)', 'TM(a:b)', 'p1.'],
])('%s is no statistic', (name) => {
  expect(parseStatistic(name)).toBeUndefined();
});

test('what a statistic set hides is not made up', () => {
  expect(of('p50', statisticSet(3, 6, 1, 3))).toBeUndefined();
  expect(of('p50', statisticSet(3, 6, 2, 2))).toBe(2);
  expect(of('Average', statisticSet(3, 6, 1, 3))).toBe(2);
});

describe('a summary', () => {
  const values = fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), {
    minLength: 1,
    maxLength: 1500,
    size: 'max',
  });
  // A long list takes long to be made shorter.
  const RUNS = { numRuns: 30, endOnFailure: true };

  test('is the same however it was put together', () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, cut) => {
        const parts = list.map((value) => measured(value));
        const at = cut % list.length;
        const halves = [parts.slice(0, at), parts.slice(at)].filter((half) => half.length > 0);
        const [whole, joined] = [merged(parts), merged(halves.map(merged))];
        expect([joined.count, joined.min, joined.max]).toEqual([whole.count, whole.min, whole.max]);
        expect(joined.sum).toBe(whole.sum);
      }),
      RUNS,
    );
  });

  test('has exact percentiles of up to 200 different values, and is off by little beyond', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil((percent / 100) * list.length - 1e-9) - 1)] ?? 0;
        const found = of(`p${percent}`, merged(list.map((value) => measured(value)))) ?? 0;
        if (new Set(list).size <= 200) expect(found).toBe(exact);
        // Half a percent on the first grid, one on the second.
        else expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.011 + 1e-9);
      }),
      RUNS,
    );
  });
});

describe('a chunk', () => {
  const summary = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => measured(value)),
    fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })).map(([value, n]) => measured(value, n)),
    fc.constant(statisticSet(3, 6, 1, 3)),
    fc.constant(HUNDRED),
  );
  const entries = fc
    .array(fc.record({ at: fc.nat(1000), unit: fc.constantFrom('None', 'Seconds'), summary }))
    .map((list) => list.map((one) => ({ ...one, at: one.at * 1000 })))
    .map((list) => list.sort((a, b) => a.at - b.at));

  test('gives back what was put into it', () => {
    fc.assert(
      fc.property(entries, (list) => {
        // JSON has no negative zero.
        expect(JSON.stringify(unpackEntries(packEntries(list, 0), 0))).toBe(JSON.stringify(list));
      }),
    );
  });

  test('loses no sample by being rolled up', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const count = (some: readonly Entry[]) =>
          some.reduce((sum, one) => sum + one.summary.count, 0);
        expect(count(rollUp(list, 60_000))).toBe(count(list));
      }),
    );
  });
});
