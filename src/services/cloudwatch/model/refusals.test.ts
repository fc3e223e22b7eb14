import { describe, expect, test } from 'vitest';
import { dashboardErrors } from './dashboard.ts';
import { readData } from './datum.ts';
import { javaDouble } from './java.ts';
import { checkSchedule, mutedUntil, muteStatus } from './mute.ts';
import { configurationOf } from './new-alarm.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;

describe('data', () => {
  const read = (datum: object) => readData('N', [{ MetricName: 'm', ...datum }], NOW);
  test.each<[object, RegExp]>([
    [{}, /At least one of the parameters/],
    [{ Value: 1, Values: [1] }, /mutually exclusive/],
    [{ Value: Number.NaN }, /The value NaN for parameter MetricData.member.1.Value is invalid/],
    [{ Value: 2 ** 361 }, /is invalid/],
    [{ Values: [] }, /must not be empty/],
    [{ Values: [1, 2], Counts: [1] }, /must be of the same size/],
    [{ Values: Array(151).fill(1) }, /must not have a size greater than 150/],
    [{ Values: [1], Counts: [0] }, /Counts.member.1 is invalid/],
    [{ Value: 1, StorageResolution: 5 }, /must be 1 or 60/],
    [{ Value: 1, Timestamp: new Date(NOW - 15 * 24 * HOUR) }, /two weeks in the past/],
    [{ Value: 1, Timestamp: new Date(NOW + 3 * HOUR) }, /two hours in the future/],
    [
      { StatisticValues: { SampleCount: 0, Sum: 0, Minimum: 0, Maximum: 0 } },
      /positive SampleCount/,
    ],
  ])('%j', (datum, why) => expect(() => read(datum)).toThrow(why));

  test('of a minute are at its beginning, those of high resolution at their second', () => {
    const Timestamp = new Date(NOW + 61_500);
    const [minute] = read({ Value: 1, Timestamp });
    const [second] = read({ Value: 1, Timestamp, StorageResolution: 1 });
    expect([minute?.entry.at, second?.entry.at]).toEqual([NOW + 60_000, NOW + 61_000]);
  });
});

describe('an alarm', () => {
  const GOOD = {
    ...{ AlarmName: 'a', Namespace: 'N', MetricName: 'm', Statistic: 'Sum' as const, Period: 60 },
    ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' as const },
  };
  test.each<[object, RegExp]>([
    [{ Period: 15 }, /Period must be 10, 20, 30 or a multiple of 60/],
    [{ EvaluationPeriods: 1441 }, /more than a day/],
    [{ Period: 3600, EvaluationPeriods: 169 }, /more than a week/],
    [{ DatapointsToAlarm: 2 }, /less than or equal to EvaluationPeriods/],
    [{ TreatMissingData: 'perhaps' }, /TreatMissingData is not supported/],
    [{ ExtendedStatistic: 'p99' }, /Exactly one of Statistic and ExtendedStatistic/],
    [{ Threshold: undefined }, /Threshold is required/],
    [{ Metrics: [] }, /mutually exclusive/],
    [{ ThresholdMetricId: 'ad1' }, /anomaly detection/],
    [{ EvaluationCriteria: {} }, /PromQL/],
  ])('%j', (more, why) => expect(() => configurationOf({ ...GOOD, ...more })).toThrow(why));
});

describe('a dashboard', () => {
  const widget = (more: object) => JSON.stringify({ widgets: [{ type: 'metric', ...more }] });
  const properties = { region: 'us-east-1', metrics: [['N', 'm', 'd', 'v', { stat: 'Sum' }]] };
  test.each<[string, string[]]>([
    ['{', [': Should be a JSON object']],
    ['{}', [": Should have required property 'widgets'"]],
    [widget({ properties }), []],
    [widget({}), ["/widgets/0: Should have required property 'properties'"]],
    [widget({ properties, x: 24, y: 0 }), ['/widgets/0/x: Should be <= 23']],
    [
      widget({ properties: { metrics: [['N']] } }),
      [
        "/widgets/0/properties: Should have required property 'region'",
        '/widgets/0/properties/metrics/0: Should NOT have fewer than 2 items',
      ],
    ],
    [
      '{"widgets":[{"type":"clock","properties":{}}]}',
      ['/widgets/0/type: Should be equal to one of the allowed values'],
    ],
  ])('%s', (body, expected) => {
    expect(dashboardErrors(body).map(({ DataPath, Message }) => `${DataPath}: ${Message}`)).toEqual(
      expected,
    );
  });
});

describe('a mute rule', () => {
  const nightly = { expression: 'cron(0 2 * * *)', duration: 'PT4H' };
  test('is on for its time, in its zone', () => {
    expect(mutedUntil(nightly, NOW)).toBeUndefined();
    expect(mutedUntil(nightly, NOW + 2 * HOUR)).toBe(NOW + 6 * HOUR);
    expect(mutedUntil(nightly, NOW + 6 * HOUR)).toBeUndefined();
    expect(mutedUntil({ ...nightly, timezone: 'Europe/Berlin' }, NOW + HOUR)).toBe(NOW + 5 * HOUR);
    expect(muteStatus(nightly, NOW)).toBe('SCHEDULED');
    const once = { expression: 'at(2026-01-01T00:00)', duration: 'PT1H' };
    expect([muteStatus(once, NOW), muteStatus(once, NOW + HOUR)]).toEqual(['ACTIVE', 'EXPIRED']);
  });
  test.each([
    { ...nightly, duration: 'P16D' },
    { ...nightly, duration: 'PT0M' },
    { ...nightly, expression: 'rate(1 hour)' },
    { ...nightly, expression: 'cron(0 25 * * *)' },
    { ...nightly, timezone: 'Nowhere/None' },
  ])('%j is none', (rule) => expect(() => checkSchedule(rule, NOW)).toThrow(/invalid/));
});

test.each([
  [70, '70.0'],
  [0, '0.0'],
  [-1.5, '-1.5'],
  [1e7, '1.0E7'],
  [1234567.5, '1234567.5'],
  [0.0005, '5.0E-4'],
  [1.5e300, '1.5E300'],
])('%d is written as Java does', (value, text) => expect(javaDouble(value)).toBe(text));
