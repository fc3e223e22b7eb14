/** A point in time: what `@timestamp`, `bin` and `fromMillis` are. */
export class Instant {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** What a field or an expression is; undefined where there is none. Objects and lists come of JSON. */
export type Value = string | number | boolean | Instant | object | undefined;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Longer texts are no numbers that anybody means. */
const LONGEST_NUMBER = 40;

/** As a number, which a text of digits is too. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Instant) return value.ms;
  if (typeof value !== 'string' || value.length > LONGEST_NUMBER) return undefined;
  const text = value.trim();
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** As it is shown, and as functions of texts see it. */
export function toText(value: Value): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  // As in AWS's results.
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Instant) return showInstant(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

const LAST_MS = 8.64e15;

function showInstant({ ms }: Instant): string {
  if (!(Math.abs(ms) <= LAST_MS)) return String(ms);
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '' && value !== '0' && value !== 'false';
  return value !== undefined;
}

/** Whether both are the same: as numbers where both are, else as texts. Nothing is the same as nothing. */
export function isEqual(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'string' && typeof b === 'string' && a === b) return true;
  if (typeof a === 'boolean' || typeof b === 'boolean') return flagOf(a) === flagOf(b);
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x === y;
  return toText(a) === toText(b);
}

/** `true`, "true" and 1 are the same. */
function flagOf(value: Value): string | undefined {
  const text = toText(value);
  if (text === 'true') return '1';
  return text === 'false' ? '0' : text;
}

/** Negative where `a` is before `b`; undefined where either is missing. */
export function compareValues(a: Value, b: Value): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [s, t] = [toText(a) as string, toText(b) as string];
  return s < t ? -1 : s > t ? 1 : 0;
}
