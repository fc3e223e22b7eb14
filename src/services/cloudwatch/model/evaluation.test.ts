import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Datapoint, evaluate, type Terms } from './evaluation.ts';

const TERMS: Terms = {
  comparison: 'GreaterThanThreshold',
  threshold: 0,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: 'missing',
};

/** `0 - X - X`: in order, within the threshold, missing, or beyond it. */
const points = (text: string): (Datapoint | undefined)[] =>
  text
    .split(' ')
    .map((sign, at) => (sign === '-' ? undefined : { at, value: sign === 'X' ? 1 : -1 }));

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** What each treatment comes to; an alarm that stays as it is has no state. */
const states = (text: string, datapointsToAlarm: number) =>
  TREATMENTS.map(
    (treatMissingData) =>
      evaluate(points(text), { ...TERMS, datapointsToAlarm, treatMissingData }).state,
  );

const [OK, ALARM, INSUFFICIENT, RETAIN] = ['OK', 'ALARM', 'INSUFFICIENT_DATA', undefined];

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe('AWS’s tables of missing data', () => {
  test.each([
    ['0 - X - X', [OK, OK, OK, OK]],
    ['- - - - 0', [OK, OK, OK, OK]],
    ['- - - - -', [INSUFFICIENT, RETAIN, ALARM, OK]],
    ['0 X X - X', [ALARM, ALARM, ALARM, ALARM]],
    ['- - X - -', [ALARM, RETAIN, ALARM, OK]],
  ])('3 of 3: %s', (text, expected) => expect(states(text, 3)).toEqual(expected));

  test.each([
    ['0 - X - X', [ALARM, ALARM, ALARM, ALARM]],
    ['0 0 X 0 X', [ALARM, ALARM, ALARM, ALARM]],
    ['0 - X - -', [OK, OK, ALARM, OK]],
    ['- - - - 0', [OK, OK, ALARM, OK]],
    ['- - - X -', [ALARM, RETAIN, ALARM, OK]],
  ])('2 of 3: %s', (text, expected) => expect(states(text, 2)).toEqual(expected));
});

describe('comparisons', () => {
  test.each([
    ['GreaterThanThreshold', [OK, OK, ALARM]],
    ['GreaterThanOrEqualToThreshold', [OK, ALARM, ALARM]],
    ['LessThanThreshold', [ALARM, OK, OK]],
    ['LessThanOrEqualToThreshold', [ALARM, ALARM, OK]],
  ] as const)('%s', (comparison, expected) => {
    const one = { ...TERMS, comparison, evaluationPeriods: 1, datapointsToAlarm: 1 };
    const found = [-1, 0, 1].map((value) => evaluate([{ at: 0, value }], one).state);
    expect(found).toEqual(expected);
  });
});

test('too few samples decide nothing', () => {
  const range = points('X X X').map((point) => point && { ...point, few: true });
  expect(evaluate(range, TERMS).state).toBeUndefined();
});

describe('whatever the data', () => {
  const range = fc.array(fc.constantFrom('0', '-', 'X'), { minLength: 1, maxLength: 12 });
  const terms = fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
    .map(([a, b]) => ({ evaluationPeriods: Math.max(a, b), datapointsToAlarm: Math.min(a, b) }));
  const judged = (text: string[], some: Partial<Terms>) =>
    evaluate(points(text.join(' ')), { ...TERMS, ...some });

  test('enough real data leave nothing to the treatment of missing ones', () => {
    fc.assert(
      fc.property(range, terms, (signs, some) => {
        const real = signs.filter((sign) => sign !== '-').slice(-some.evaluationPeriods);
        fc.pre(real.length === some.evaluationPeriods);
        const breaching = real.filter((sign) => sign === 'X').length;
        const expected = breaching >= some.datapointsToAlarm ? ALARM : OK;
        for (const treatMissingData of TREATMENTS)
          expect(judged(signs, { ...some, treatMissingData }).state).toBe(expected);
      }),
    );
  });

  test('a breach more never ends an alarm', () => {
    fc.assert(
      fc.property(
        range,
        terms,
        fc.constantFrom(...TREATMENTS),
        fc.nat(11),
        (signs, some, treatMissingData, at) => {
          const how = { ...some, treatMissingData };
          fc.pre(judged(signs, how).state === ALARM && at < signs.length && signs[at] === '0');
          const worse = signs.with(at, 'X');
          expect(judged(worse, how).state).toBe(ALARM);
        },
      ),
    );
  });

  test('INSUFFICIENT_DATA is for no data at all', () => {
    fc.assert(
      fc.property(range, terms, (signs, some) => {
        const none = signs.every((sign) => sign === '-');
        expect(judged(signs, some).state === INSUFFICIENT).toBe(none);
      }),
    );
  });
});
