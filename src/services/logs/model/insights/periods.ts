const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds, or months, by the names that AWS documents. */
const UNITS = new Map<string, { ms: number } | { months: number }>([
  ...named(['ms', 'msec', 'millisecond', 'milliseconds'], { ms: 1 }),
  ...named(['s', 'sec', 'secs', 'second', 'seconds'], { ms: 1000 }),
  ...named(['m', 'min', 'mins', 'minute', 'minutes'], { ms: MINUTE }),
  ...named(['h', 'hr', 'hrs', 'hour', 'hours'], { ms: HOUR }),
  ...named(['d', 'day', 'days'], { ms: DAY }),
  ...named(['w', 'week', 'weeks'], { ms: 7 * DAY }),
  ...named(['mo', 'mon', 'month', 'months'], { months: 1 }),
  ...named(['q', 'qtr', 'qtrs', 'quarter', 'quarters'], { months: 3 }),
  ...named(['y', 'yr', 'yrs', 'year', 'years'], { months: 12 }),
]);

function named<T>(names: string[], unit: T): [string, T][] {
  return names.map((name) => [name, unit]);
}

/** Cuts a time, in epoch milliseconds, to the beginning of its period; `next`: to that of the one behind, if it is not at one. */
export type Rounding = (ms: number, next?: boolean) => number;

/** `5m`. Undefined for what is no period. */
export function roundingTo(count: number, unitName: string): Rounding | undefined {
  const unit = UNITS.get(unitName.toLowerCase());
  if (!unit || !Number.isInteger(count) || count < 1) return undefined;
  if ('months' in unit) return roundMonths(count * unit.months);
  const length = count * unit.ms;
  return (ms, next) => (next ? Math.ceil(ms / length) : Math.floor(ms / length)) * length;
}

function roundMonths(length: number): Rounding {
  return (ms, next) => {
    const date = new Date(ms);
    const months = date.getUTCFullYear() * 12 + date.getUTCMonth();
    const first = Math.floor(months / length) * length;
    const start = startOf(first);
    return next && start < ms ? startOf(first + length) : start;
  };
}

/** @param months since the year 0 */
function startOf(months: number): number {
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(months / 12), months % 12, 1);
  return date.getTime();
}
