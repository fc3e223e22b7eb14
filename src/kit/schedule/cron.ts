import { refuse } from './errors.ts';
import { instantOf, type WallTime, wallTimeOf } from './zone.ts';

/** AWS's cron: minutes, hours, day of month, month, day of week (1 is Sunday), year. */
export interface Cron {
  minutes: number[];
  hours: number[];
  months: ReadonlySet<number>;
  years: ReadonlySet<number>;
  isDay(day: Day): boolean;
}

interface Day {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  /** 1 (Sunday) to 7 */
  weekday: number;
  /** Days in the month. */
  last: number;
}
type DayTest = (day: Day) => boolean;

interface Field {
  first: number;
  last: number;
  names?: readonly string[];
}

const MINUTES: Field = { first: 0, last: 59 };
const HOURS: Field = { first: 0, last: 23 };
const DAYS: Field = { first: 1, last: 31 };
const MONTHS: Field = {
  ...{ first: 1, last: 12 },
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAYS: Field = {
  ...{ first: 1, last: 7 },
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const YEARS: Field = { first: 1970, last: 2199 };

/**
 * Reads the six fields of `cron(…)`: of day of month and day of week one is `?`, the other says which days.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 * @throws ScheduleError
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) refuse(`cron has six fields, not ${fields.length}`);
  const [minutes, hours, days, months, weekdays, years] = fields as [
    ...[string, string, string],
    ...[string, string, string],
  ];
  if ((days === '?') === (weekdays === '?'))
    refuse('One of day-of-month and day-of-week must be ?, and only one');
  const isDay = weekdays === '?' ? monthDays(days) : weekDays(weekdays);
  return {
    minutes: numbers(minutes, MINUTES),
    hours: numbers(hours, HOURS),
    months: new Set(numbers(months, MONTHS)),
    years: new Set(numbers(years, YEARS)),
    isDay,
  };
}

function numbers(text: string, field: Field): number[] {
  const all = new Set<number>();
  for (const part of text.split(',')) for (const number of range(part, field)) all.add(number);
  return [...all].sort((a, b) => a - b);
}

/** `*`, `5`, `5-7`, `FRI-MON`, and each with a step: `0/15`. */
function* range(part: string, field: Field): Generator<number> {
  const { first, last } = field;
  const [span = '', step, ...more] = part.split('/');
  const by = step === undefined ? 1 : digits(step);
  if (more.length > 0 || by < 1) refuse(`${part} is no range with a step`);
  const [from = '', to, ...ends] = span.split('-');
  if (ends.length > 0) refuse(`${span} is no range`);
  const begin = from === '*' && to === undefined ? first : numberOf(from, field);
  const open = from === '*' || (to === undefined && step !== undefined);
  const end = open ? last : numberOf(to ?? from, field);
  const wrapped = end < begin ? end + last - first + 1 : end;
  for (let number = begin; number <= wrapped; number += by)
    yield number > last ? number - (last - first + 1) : number;
}

function numberOf(text: string, { first, last, names }: Field): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + first : digits(text);
  if (number < first || number > last) refuse(`${text} is not between ${first} and ${last}`);
  return number;
}

const digits = (text: string): number =>
  /^\d{1,4}$/.test(text) ? Number(text) : refuse(`${text} is no number`);

function anyOf(tests: readonly DayTest[]): DayTest {
  return (day) => tests.some((test) => test(day));
}

/** `L`, `L-3`, `LW`, `15W`, and numbers. */
function monthDays(text: string): DayTest {
  return anyOf(
    text.split(',').map((part): DayTest => {
      if (part === 'L') return ({ day, last }) => day === last;
      if (part === 'LW') return (day) => day.day === nearestWeekday(day, day.last);
      const before = /^L-(\d{1,2})$/.exec(part)?.[1];
      if (before !== undefined) return ({ day, last }) => day === last - Number(before);
      const near = /^(\d{1,2})W$/.exec(part)?.[1];
      if (near !== undefined) {
        const wanted = numberOf(near, DAYS);
        return (day) => wanted <= day.last && day.day === nearestWeekday(day, wanted);
      }
      const days = new Set(range(part, DAYS));
      return ({ day }) => days.has(day);
    }),
  );
}

/** The weekday (Monday to Friday) nearest to day `wanted`, in the same month. */
function nearestWeekday({ day, weekday, last }: Day, wanted: number): number {
  const its = ((((weekday - 1 + wanted - day) % 7) + 7) % 7) + 1;
  if (its === 7) return wanted === 1 ? wanted + 2 : wanted - 1;
  if (its === 1) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

/** `L` (Saturday), `6L` (the last Friday of the month), `3#2` (the second Tuesday), and weekdays. */
function weekDays(text: string): DayTest {
  return anyOf(
    text.split(',').map((part): DayTest => {
      if (part === 'L') return ({ weekday }) => weekday === WEEKDAYS.last;
      const final = /^(\w+)L$/.exec(part)?.[1];
      if (final !== undefined) {
        const wanted = numberOf(final, WEEKDAYS);
        return ({ weekday, day, last }) => weekday === wanted && day > last - 7;
      }
      const [, which, nth] = /^(\w+)#([1-5])$/.exec(part) ?? [];
      if (which !== undefined) {
        const wanted = numberOf(which, WEEKDAYS);
        return ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
      }
      const days = new Set(range(part, WEEKDAYS));
      return ({ weekday }) => days.has(weekday);
    }),
  );
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The first time later than `after` (epoch ms), or undefined when there is none until 2199. What a clock change skips is none. */
export function nextOfCron(cron: Cron, after: number, zone: string): number | undefined {
  const from = wallTimeOf(after, zone);
  for (const day of daysFrom(cron, Math.floor(from / DAY_MS) * DAY_MS)) {
    for (const wall of timesOf(cron, day)) {
      if (wall < from) continue;
      const instant = instantOf(wall, zone);
      if (instant !== undefined && instant > after) return instant;
    }
  }
  return undefined;
}

function* timesOf({ hours, minutes }: Cron, day: WallTime): Generator<WallTime> {
  for (const hour of hours)
    for (const minute of minutes) yield day + (hour * 60 + minute) * MINUTE_MS;
}

/** The midnights of days that count, from `start` on. */
function* daysFrom(cron: Cron, start: WallTime): Generator<WallTime> {
  const begin = new Date(start);
  let year = begin.getUTCFullYear();
  let month = begin.getUTCMonth();
  let day = begin.getUTCDate();
  for (; year <= YEARS.last; year++, month = 0) {
    if (!cron.years.has(year)) {
      day = 1;
      continue;
    }
    for (; month < 12; month++, day = 1) {
      if (!cron.months.has(month + 1)) continue;
      const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
      for (; day <= last; day++) {
        const midnight = Date.UTC(year, month, day);
        const weekday = new Date(midnight).getUTCDay() + 1;
        if (cron.isDay({ year, month: month + 1, day, weekday, last })) yield midnight;
      }
    }
  }
}
