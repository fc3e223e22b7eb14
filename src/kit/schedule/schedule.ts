import { nextOfCron, parseCron } from './cron.ts';
import { refuse } from './errors.ts';
import { instantOf } from './zone.ts';

export interface Schedule {
  kind: 'rate' | 'cron' | 'at';
  /**
   * When it is due next, later than `after`.
   * @param since from when `rate` counts: when the rule was made
   * @param zone in which `cron` and `at` are read
   */
  next(after: Date, since: Date, zone?: string): Date | undefined;
}

type Units = 'counted' | 'either';

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

/**
 * Reads `rate(5 minutes)`, `cron(0 10 * * ? *)` and `at(2026-11-26T19:00:00)`.
 * @param units whether one unit must be singular and several plural, as in rules, or may be either, as in the Scheduler
 * @throws ScheduleError
 */
export function parseSchedule(expression: string, units: Units = 'counted'): Schedule {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/s.exec(expression) ?? [];
  if (kind === 'rate') return rate(inner, units);
  if (kind === 'cron') return cron(inner);
  return kind === 'at' ? once(inner) : refuse(`${expression} is no schedule`);
}

/** JavaScript has no later times: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LATEST_MS = 8.64e15;

/** The same of what a call brings: a rate has no blanks at its ends. @throws ScheduleError */
export function parseNewSchedule(expression: string, units?: Units): Schedule {
  if (/^rate\((\s|[^)]*\s\)$)/.test(expression)) refuse(`${expression} is no rate`);
  return parseSchedule(expression, units);
}

function rate(text: string, units: Units): Schedule {
  const [, digits, unit = '', plural] =
    /^\s*(\d{1,9})\s+(minute|hour|day)(s?)\s*$/.exec(text) ?? [];
  const value = Number(digits ?? 0);
  const isWrong = units === 'counted' && (value === 1) === (plural === 's');
  if (value < 1 || isWrong) refuse(`${text} is no rate`);
  const period = value * (UNITS_MS.get(unit) ?? 0);
  return {
    kind: 'rate',
    next(after, since) {
      const periods = Math.floor((after.getTime() - since.getTime()) / period) + 1;
      const next = since.getTime() + Math.max(1, periods) * period;
      return next > LATEST_MS ? undefined : new Date(next);
    },
  };
}

function cron(text: string): Schedule {
  const parsed = parseCron(text);
  return {
    kind: 'cron',
    next(after, _since, zone = 'UTC') {
      const next = nextOfCron(parsed, after.getTime(), zone);
      return next === undefined ? undefined : new Date(next);
    },
  };
}

function once(text: string): Schedule {
  const wall = Date.parse(`${text}Z`);
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
  // Of 31 February JavaScript makes 3 March.
  if (!shape.test(text) || Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(text))
    return refuse(`${text} is no time`);
  return {
    kind: 'at',
    next(after, _since, zone = 'UTC') {
      const instant = instantOf(wall, zone);
      return instant !== undefined && instant > after.getTime() ? new Date(instant) : undefined;
    },
  };
}
