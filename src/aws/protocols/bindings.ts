import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../errors.ts';

/** Timestamp schemas, by `@smithy/types`: 4 default (in headers: http-date), 5 date-time, 6 http-date, 7 epoch seconds. */
const DATE_TIME = 5;
const EPOCH_SECONDS = 7;

/** How a protocol says that a value is not what its member takes. */
type Malformed = (sentence: string) => AwsError;

/** A header, label or query value as the member's type. @throws AwsError that `malformed` makes */
export function fromHeader(member: NormalizedSchema, text: string, malformed: Malformed): unknown {
  if (member.isBooleanSchema()) return text.toLowerCase() === 'true';
  if (member.isNumericSchema()) {
    const number = Number(text);
    if (text === '' || Number.isNaN(number)) throw malformed(`${text} is not a number`);
    return number;
  }
  if (member.isTimestampSchema()) {
    const date =
      member.getSchema() === EPOCH_SECONDS ? new Date(Number(text) * 1000) : new Date(text);
    // HTTP says that an unreadable date in a condition is ignored.
    return Number.isNaN(date.getTime()) ? undefined : date;
  }
  if (member.isListSchema())
    return listOf(
      member,
      text.split(',').map((item) => item.trim()),
      malformed,
    );
  return text;
}

/** Texts as the elements of a list. */
export function listOf(list: NormalizedSchema, texts: string[], malformed: Malformed): unknown[] {
  return texts.map((text) => fromHeader(list.getValueSchema(), text, malformed));
}

/** A value as header text. */
export function toHeader(member: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) {
    const format = member.getSchema();
    if (format === DATE_TIME) return value.toISOString();
    return format === EPOCH_SECONDS
      ? String(Math.floor(value.getTime() / 1000))
      : value.toUTCString();
  }
  if (Array.isArray(value))
    return value.map((v) => toHeader(member.getValueSchema(), v)).join(', ');
  return toText(value);
}

/** What may not stand in a header: control characters, and what is no single byte. Node refuses to send either. */
const NO_HEADER_TEXT = /[^\t\x20-\x7e\x80-\xff]/gu;

/** Text that can be a header, whatever its sender put into it: nothing ends the line, nothing ends the answer. */
export function toText(value: unknown): string {
  return String(value).replace(NO_HEADER_TEXT, ' ');
}

/** The output members that the schema binds to headers. */
export function headersOf(
  schema: NormalizedSchema,
  output: Record<string, unknown>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!schema.isStructSchema()) return headers;
  for (const [name, member] of schema.structIterator()) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const traits = member.getMergedTraits();
    if (traits.httpHeader)
      headers[(traits.httpHeader as string).toLowerCase()] = toHeader(member, value);
    else if (traits.httpPrefixHeaders !== undefined) {
      for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
        headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = toText(item);
      }
    }
  }
  return headers;
}
