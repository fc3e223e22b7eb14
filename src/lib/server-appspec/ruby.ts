import { ownValue } from '../own.ts';

/**
 * Values as the official agent has them, which is written in Ruby: a whole number is a bigint, a float a number, a
 * hash a Map with keys of any kind. What an AppSpec means, and where it fails, depends on the kinds of its values.
 */
export type RubyValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | RubySymbol
  | RubyValue[]
  | RubyHash;
export type RubyHash = Map<RubyValue, RubyValue>;

/** `:name` */
export class RubySymbol {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Nothing but nil and false is false. */
export const isTrue = (value: RubyValue | undefined): boolean =>
  value !== null && value !== undefined && value !== false;

/** The class of a value. */
export function className(value: RubyValue): string {
  if (value === null) return 'NilClass';
  if (typeof value === 'boolean') return value ? 'TrueClass' : 'FalseClass';
  if (typeof value === 'bigint') return 'Integer';
  if (typeof value === 'number') return 'Float';
  if (typeof value === 'string') return 'String';
  if (value instanceof RubySymbol) return 'Symbol';
  return Array.isArray(value) ? 'Array' : 'Hash';
}

/** `to_s` */
export function toText(value: RubyValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof RubySymbol) return value.name;
  return inspect(value);
}

/** `inspect` */
export function inspect(value: RubyValue): string {
  if (value === null) return 'nil';
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof RubySymbol) return `:${value.name}`;
  if (Array.isArray(value)) return `[${value.map(inspect).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${inspect(key)}=>${inspect(item)}`).join(', ')}}`;
  }
  return String(value);
}

/** A float always shows that it is one. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', power = ''] = value.toExponential().split('e');
    const padded = power.replace(/^([+-])(\d)$/, '$10$2');
    return `${digits.includes('.') ? digits : `${digits}.0`}e${padded}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function quoted(text: string): string {
  const escaped = text
    .replace(/["\\]|#(?=[{$@])/g, '\\$&')
    .replace(/[\n\t\r]/g, (character) => ownValue(ESCAPES, character) ?? character);
  return `"${escaped}"`;
}

/** `strip`: only ASCII's white space goes. */
export const strip = (text: string): string =>
  text.replace(/^[\0\t\n\v\f\r ]+|[\0\t\n\v\f\r ]+$/g, '');

/** `to_i`. @returns undefined for what has none */
export function toInteger(value: RubyValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (typeof value !== 'string') return value === null ? 0n : undefined;
  const digits = /^\s*([+-]?)(\d+(?:_\d+)*)/.exec(value);
  if (!digits) return 0n;
  const size = BigInt((digits[2] ?? '').replaceAll('_', ''));
  return digits[1] === '-' ? -size : size;
}

/** Where a string is asked for. @throws Error in Ruby's words for anything else */
export function needString(value: RubyValue): string {
  if (typeof value === 'string') return value;
  throw noConversion(value, 'String');
}

/** `value[key]` of a hash; a string that contains the key answers it, and most others fail. @throws Error in Ruby's words */
export function member(value: RubyValue, key: string): RubyValue {
  if (value instanceof Map) return value.get(key) ?? null;
  if (typeof value === 'string') return value.includes(key) ? key : null;
  if (value instanceof RubySymbol) return value.name.includes(key) ? key : null;
  if (Array.isArray(value) || typeof value === 'bigint') throw noConversion(key, 'Integer');
  throw new Error(`undefined method \`[]' for ${inspect(value)}:${className(value)}`);
}

function noConversion(value: RubyValue, into: string): Error {
  const kind = value === null || typeof value === 'boolean' ? inspect(value) : className(value);
  return new Error(`no implicit conversion of ${kind} into ${into}`);
}
