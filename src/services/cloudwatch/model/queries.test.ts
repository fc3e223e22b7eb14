import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from './math/parser.ts';
import { parseSearch } from './math/search.ts';
import { planOf, QueryError, workOut } from './queries.ts';
import type { Point } from './series.ts';

const MINUTE = 60_000;

const DATA: Record<string, (number | undefined)[]> = {
  m1: [1, 2, 3, 4],
  m2: [10, undefined, 30, 40],
  m3: [0, -1.5, 2.5, 0],
};
const metric = (Id: string) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'N', MetricName: Id }, Period: 60, Stat: 'Sum' },
  ReturnData: false,
});

/** What an expression makes of the data above, minute by minute; several series as a list of lists. */
function worth(Expression: string): unknown {
  const plan = planOf([...Object.keys(DATA).map(metric), { Id: 'e1', Expression }]);
  const [result] = workOut(plan, {
    ...{ from: 0, to: 4 * MINUTE },
    read: ({ id }) => ({ id, label: id, period: MINUTE, points: pointsOf(DATA[id] ?? []) }),
    searched: () => [],
  });
  const all = (result?.series ?? []).map(({ points }) => {
    const byTime = new Map(points);
    return [0, 1, 2, 3].map((minute) => byTime.get(minute * MINUTE));
  });
  return all.length === 1 ? all[0] : all;
}

const pointsOf = (values: (number | undefined)[]): Point[] =>
  values.flatMap((value, index) => (value === undefined ? [] : [[index * MINUTE, value] as const]));

const NONE = undefined;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
describe('metric math', () => {
  test.each<[string, unknown]>([
    ['m1 + m2', [11, NONE, 33, 44]],
    ['m1 * 2 - 1', [1, 3, 5, 7]],
    ['-m1 ^ 2', [1, 4, 9, 16]],
    ['2 ^ 3 ^ 2 + 0 * m1', [512, 512, 512, 512]],
    ['m2 / m3', [NONE, NONE, 12, NONE]],
    ['m1 > 2', [0, 0, 1, 1]],
    ['m1 >= 2 AND m1 < 4', [0, 1, 1, 0]],
    ['m1 == 1 || m1 == 4', [1, 0, 0, 1]],
    ['ABS(m3)', [0, 1.5, 2.5, 0]],
    ['CEIL(m3)', [0, -1, 3, 0]],
    ['FLOOR(m3)', [0, -2, 2, 0]],
    ['m1 + AVG(m1)', [3.5, 4.5, 5.5, 6.5]],
    ['AVG([m1,m2])', [5.5, 2, 16.5, 22]],
    ['SUM(METRICS())', [11, 0.5, 35.5, 44]],
    ['MAX([m1,m2,m3])', [10, 2, 30, 40]],
    ['MIN([m1,m2,m3])', [0, -1.5, 2.5, 0]],
    ['STDDEV([m1,m2])', [4.5, 0, 13.5, 18]],
    ['m1 * METRIC_COUNT([m1,m2])', [2, 4, 6, 8]],
    ['m1 * DATAPOINT_COUNT(m2)', [3, 6, 9, 12]],
    ['FILL(m2, 7)', [10, 7, 30, 40]],
    ['FILL(m2, REPEAT)', [10, 10, 30, 40]],
    ['FILL(m2, LINEAR)', [10, 20, 30, 40]],
    ['FILL(m2, m1)', [10, 2, 30, 40]],
    ['DIFF(m1)', [NONE, 1, 1, 1]],
    ['DIFF(m2)', [NONE, NONE, 20, 10]],
    ['DIFF_TIME(m2)', [NONE, NONE, 120, 60]],
    ['RATE(m1) * 60', [NONE, 1, 1, 1]],
    ['RUNNING_SUM(m1)', [1, 3, 6, 10]],
    ['IF(m1 > 2, m1)', [NONE, NONE, 3, 4]],
    ['IF(m1 > 2, m1, 0)', [0, 0, 3, 4]],
    ['IF(1, m1, m2)', [1, 2, 3, 4]],
    ['m1 / PERIOD(m1) * 60', [1, 2, 3, 4]],
    ['TIME_SERIES(5)', [5, 5, 5, 5]],
    ['SORT([m1,m2,m3], AVG, DESC, 1)', [10, NONE, 30, 40]],
    ['SLICE([m1,m2,m3], 2)', [0, -1.5, 2.5, 0]],
    ['SLICE([m1,m2,m3], 0, 2)', [DATA.m1, DATA.m2]],
    ['FIRST([m1,m2])', DATA.m1],
    ['LAST([m1,m2])', DATA.m2],
    ['REMOVE_EMPTY([m1, IF(m1 > 9, m1)])', DATA.m1],
    ['MINUTE(m1)', [0, 1, 2, 3]],
    ['DAY(m1)', [4, 4, 4, 4]],
    ['YEAR(m1)', [1970, 1970, 1970, 1970]],
    ['EPOCH(m1)', [0, 60, 120, 180]],
    ['LOG10(m2)', [1, NONE, Math.log10(30), Math.log10(40)]],
    [
      '[m1, m2] * 2',
      [
        [2, 4, 6, 8],
        [20, NONE, 60, 80],
      ],
    ],
  ])('%s', (expression, expected) => expect(worth(expression)).toEqual(expected));

  test.each([
    ['m1 +', 'Unexpected the end'],
    ['m4 + 1', 'Unknown id: m4'],
    ['FOO(m1)', 'Unknown function: FOO'],
    ['1 + 1', 'The result is a number and no time series'],
    ['e1 + 1', 'it refers to itself'],
    ['(m1', 'Expected )'],
  ])('%s is refused', (expression, why) => {
    expect(() => worth(expression)).toThrow(why);
  });

  test.each(['ANOMALY_DETECTION_BAND(m1)', 'SERVICE_QUOTA(m1)', 'SELECT AVG(x) FROM y'])(
    '%s is not served here',
    (expression) => {
      const refused = expect.objectContaining({ refused: true });
      expect(() => worth(expression)).toThrow(refused);
    },
  );

  test('whatever is written is an expression, or is refused as none', () => {
    const words = fc.constantFrom(
      'm1',
      '(',
      ')',
      '+',
      '-',
      '^',
      ',',
      '[',
      ']',
      'SUM(',
      '2',
      '"a"',
      '<',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 400 }), (list) => {
        try {
          worth(list.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
    );
    expect(() => parseExpression('('.repeat(2000))).toThrow('nested too deeply');
  });
});

describe('what a request works out is bounded', () => {
  /** Queries of which each is worked out of the next one, `deep` of them on top of the last. */
  const chain = (deep: number, of: (next: string) => string, last: string) =>
    Array.from({ length: deep + 1 }, (_, n) => ({
      ...{ Id: `e${n}`, ReturnData: n === 0 },
      Expression: n < deep ? of(`e${n + 1}`) : last,
    }));
  const worked = (queries: ReturnType<typeof chain>, to: number) =>
    workOut(planOf(queries), {
      ...{ from: 0, to, searched: () => [] },
      read: () => ({ label: '', period: MINUTE, points: [] }),
    });

  test('arrays of arrays double up to 500 series', () => {
    const arrays = (deep: number) => chain(deep, (next) => `[${next}, ${next}]`, 'TIME_SERIES(1)');
    expect(worked(arrays(8), MINUTE)[0]?.series).toHaveLength(256);
    expect(() => worked(arrays(9), MINUTE)).toThrow('more than 500 time series');
    expect(() => worked(arrays(400), MINUTE)).toThrow(QueryError);
  });

  test('a label that doubles is cut', () => {
    const sums = chain(400, (next) => `${next} + ${next}`, 'TIME_SERIES(0)');
    expect(worked(sums, MINUTE)[0]?.series[0]?.points).toEqual([[0, 0]]);
    const several = chain(1, (next) => `[${next}]`, '[TIME_SERIES(0) + TIME_SERIES(0)]');
    const [result] = worked([...several.slice(0, 1), ...sums.slice(1)], MINUTE);
    expect(result?.series[0]?.label.length).toBeLessThan(2000);
  });

  test('points are counted over all queries', () => {
    const many = chain(499, (next) => `${next} + 1`, 'TIME_SERIES(1)');
    expect(worked(many, 100 * MINUTE)[0]?.series[0]?.points).toHaveLength(100);
    expect(() => worked(many, 100_000 * MINUTE)).toThrow('more than 4000000 data points');
  });

  test('gaps are filled by one look at each point', () => {
    const gaps = 'TIME_SERIES(1) / (HOUR(TIME_SERIES(1)) < 12)';
    for (const by of ['LINEAR', 'REPEAT']) {
      let looks = 0;
      const points = Array.from({ length: 20_000 }, (_, n) => {
        const point = [n * 2 * MINUTE, 1] as const;
        return new Proxy(point, {
          get: (of, name) => {
            looks += 1;
            return Reflect.get(of, name);
          },
        });
      });
      const plan = planOf([metric('m1'), { Id: 'e1', Expression: `FILL(m1, ${by})` }]);
      workOut(plan, {
        ...{ from: 0, to: 40_000 * MINUTE, searched: () => [] },
        read: ({ id }) => ({ id, label: id, period: MINUTE, points }),
      });
      expect(looks).toBeLessThan(1_000_000);
    }
    expect(() => worked(chain(0, String, `FILL(${gaps}, LINEAR)`), 100_800 * MINUTE)).not.toThrow();
  });
});

describe('a search', () => {
  const load = {
    ...{ namespace: 'AWS/EC2', name: 'CPUUtilization' },
    dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
  };
  test.each([
    ['{AWS/EC2,InstanceId}', true],
    ['{AWS/EC2,InstanceId} MetricName="CPUUtilization"', true],
    ['{AWS/EC2,InstanceId} MetricName="CPU"', false],
    ['{AWS/EC2,InstanceId} cpu', true],
    ['{AWS/EC2,InstanceType} cpu', false],
    ['{AWS/EC2} cpu', false],
    ['InstanceId=i-1 NOT Namespace="AWS/ECS"', true],
    ['disk OR (cpu AND "i-1")', true],
    ['disk OR "i-"', false],
  ])('%s', (text, found) => expect(parseSearch(text).matches(load)).toBe(found));
});
