import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScheduleError } from './errors.ts';
import { parseNewSchedule, parseSchedule } from './schedule.ts';
import { isZone, zonesKept } from './zone.ts';

const START = new Date('2026-01-01T00:00:00Z');

/** The first times after the start of 2026, or after `from`. */
function times(expression: string, count: number, from = START, zone?: string): string[] {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  for (let at: Date | undefined = from; found.length < count; ) {
    at = schedule.next(at, from, zone);
    if (!at) break;
    found.push(at.toISOString().slice(0, 16));
  }
  return found;
}

describe('schedules', () => {
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
  it.each<[expression: string, times: string[]]>([
    ['cron(0 10 * * ? *)', ['2026-01-01T10:00', '2026-01-02T10:00']],
    ['cron(15 12 * * ? *)', ['2026-01-01T12:15', '2026-01-02T12:15']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
    ['cron(0 8 1 * ? *)', ['2026-01-01T08:00', '2026-02-01T08:00']],
    ['cron(0/15 * * * ? *)', ['2026-01-01T00:15', '2026-01-01T00:30', '2026-01-01T00:45']],
    ['cron(0/10 * ? * MON-FRI *)', ['2026-01-01T00:10', '2026-01-01T00:20']],
    ['cron(0/5 8-17 ? * MON-FRI *)', ['2026-01-01T08:00', '2026-01-01T08:05', '2026-01-01T08:10']],
    ['cron(0/30 20-2 ? * MON-FRI *)', ['2026-01-01T00:30', '2026-01-01T01:00', '2026-01-01T01:30']],
    ['cron(0 9 ? * 2#1 *)', ['2026-01-05T09:00', '2026-02-02T09:00']],
    ['cron(0 0 ? * 6L *)', ['2026-01-30T00:00', '2026-02-27T00:00']],
    ['cron(15 10 ? * 6L 2026-2027)', ['2026-01-30T10:15', '2026-02-27T10:15']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00', '2026-02-28T00:00']],
    ['cron(0 0 3W * ? *)', ['2026-01-02T00:00', '2026-02-03T00:00', '2026-03-03T00:00']],
    ['cron(0 0 1W 8 ? *)', ['2026-08-03T00:00']],
    ['cron(0 0 LW 5 ? *)', ['2026-05-29T00:00']],
    ['cron(0 0 ? * L *)', ['2026-01-03T00:00', '2026-01-10T00:00']],
    ['cron(30 7 ? JAN,JUL SUN 2027)', ['2027-01-03T07:30', '2027-01-10T07:30']],
    ['cron(0 0 30 2 ? *)', []],
    ['cron(0 0 1 1 ? 2020)', []],
    ['rate(1 minute)', ['2026-01-01T00:01', '2026-01-01T00:02']],
    ['rate(5 minutes)', ['2026-01-01T00:05', '2026-01-01T00:10']],
    ['rate(1 hour)', ['2026-01-01T01:00', '2026-01-01T02:00']],
    ['rate(999999999 days)', []],
    ['rate(7 days)', ['2026-01-08T00:00', '2026-01-15T00:00']],
    ['at(2026-11-26T19:00:00)', ['2026-11-26T19:00']],
    ['at(2025-11-26T19:00:00)', []],
  ])('%s', (expression, expected) => {
    expect(times(expression, expected.length || 1)).toEqual(expected);
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'rate(-5 minutes)',
    'rate(5 minutes',
    'cron(0 10 * * * *)',
    'cron(0 10 ? * ? *)',
    'cron(0 10 1 * MON *)',
    'cron(0 10 * * ?)',
    'cron(60 10 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 10 32 * ? *)',
    'cron(0 10 * 13 ? *)',
    'cron(0 10 ? * 8 *)',
    'cron(0 10 ? * MON#6 *)',
    'cron(0 10 * * ? 1969)',
    'cron(0/0 10 * * ? *)',
    'cron(? 10 * * ? *)',
    'cron(0 10 * FOO ? *)',
    'at(2026-02-31T00:00:00)',
    'at(2026-02-01)',
    'every day',
    '',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(ScheduleError);
  });

  it.each(['rate( 5 minutes)', 'rate(5 minutes )'])('takes no new %s', (expression) => {
    expect(() => parseNewSchedule(expression)).toThrow(ScheduleError);
  });

  it.each(['rate(1 minutes)', 'rate(5 minute)'])('the Scheduler takes %s', (expression) => {
    const since = new Date('2026-01-01T00:00:00Z');
    const minutes = expression.includes('5') ? 5 : 1;
    expect(parseSchedule(expression, 'either').next(since, since)).toEqual(
      new Date(since.getTime() + minutes * 60_000),
    );
  });

  it('counts a rate from when it was made, whatever was missed', () => {
    const since = new Date('2026-01-01T00:00:30Z');
    const next = parseSchedule('rate(5 minutes)').next(new Date('2026-01-01T01:02:00Z'), since);
    expect(next?.toISOString()).toBe('2026-01-01T01:05:30.000Z');
  });

  it('reads times in a zone, skips what spring skips, and takes the first of two in autumn', () => {
    const zone = 'Europe/Berlin';
    const spring = new Date('2026-03-28T00:00:00Z');
    expect(times('cron(30 2 * * ? *)', 2, spring, zone)).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
    ]);
    const autumn = new Date('2026-10-24T12:00:00Z');
    expect(times('cron(30 2 * * ? *)', 2, autumn, zone)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(times('at(2026-07-01T12:00:00)', 1, START, 'America/New_York')).toEqual([
      '2026-07-01T16:00',
    ]);
    expect(['Europe/Berlin', 'UTC', 'Nowhere', '+01:00'].filter(isZone)).toEqual([zone, 'UTC']);
  });

  it('keeps a zone once, however its name is written', () => {
    expect(isZone('Europe/Madrid')).toBe(true);
    const before = zonesKept();
    for (const name of ['europe/madrid', 'EUROPE/MADRID', 'eUrOpE/mAdRiD'])
      expect(isZone(name)).toBe(true);
    // The sign of Kelvin, which is a k in lower case.
    for (const name of ['Asia/\u212aolkata', 'Europe/Madrid ', 'Europe/Nowhere'])
      expect(isZone(name)).toBe(false);
    expect(zonesKept()).toBe(before);
  });

  it('says the same as croner', () => {
    fc.assert(
      fc.property(anyCron, anyTime, (expression, time) => {
        const after = new Date(time);
        const options = { timezone: 'UTC', mode: '7-part', alternativeWeekdays: true } as const;
        const croner = new Cron(`0 ${expression}`, options).nextRun(after);
        const ours = parseSchedule(`cron(${expression})`).next(after, after);
        // Beyond what AWS has, croner looks further.
        expect(ours).toEqual(croner && croner.getUTCFullYear() < 2200 ? croner : undefined);
      }),
      { numRuns: 1000 },
    );
  });
});

const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });

const field = (min: number, max: number) => {
  const number = fc.integer({ min, max });
  return fc.oneof(
    fc.constant('*'),
    number.map(String),
    fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.tuple(number, number).map(([a, b]) => `${a},${b}`),
    fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
  );
};
const monthDay = fc.oneof(
  field(1, 31),
  fc.constant('L'),
  fc.integer({ min: 1, max: 28 }).map((day) => `${day}W`),
);
const weekDay = fc.oneof(
  field(1, 7),
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 }))
    .map(([d, n]) => `${d}#${n}`),
  fc.integer({ min: 1, max: 7 }).map((day) => `${day}L`),
);
const anyCron = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    fc.oneof(
      monthDay.map((day) => [day, '?'] as const),
      weekDay.map((day) => ['?', day] as const),
    ),
    field(1, 12),
    fc.constantFrom('*', '2030', '2024-2035'),
  )
  .map(([minute, hour, [day, weekday], month, year]) =>
    [minute, hour, day, month, weekday, year].join(' '),
  );
