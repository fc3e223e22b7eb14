import { SECRET_NAME } from '../redact.ts';
import type { ContractShape } from './contract.ts';

/** One constraint that a value fails. */
export interface Violation {
  /** Such as `stages.2.member.name`, from the input down. */
  path: string;
  /** The same as members, keys and indices from 0, for who looks it up. */
  at: readonly (string | number)[];
  /** `Value 'x'`, `Value null`, or `Value` where it must not or cannot be shown. */
  value: string;
  /** Such as `Member must not be null`. */
  constraint: string;
}

export const NOT_NULL = 'Member must not be null';

/** AWS's words for the limits of a shape, in the order in which AWS lists them. */
export function constraintTexts(shape: ContractShape): {
  max: string;
  min: string;
  pattern: string;
  enum: string;
} {
  const measure = isNumeric(shape) ? 'value' : 'length';
  return {
    max: `Member must have ${measure} less than or equal to ${shape.max}`,
    min: `Member must have ${measure} greater than or equal to ${shape.min}`,
    pattern: `Member must satisfy regular expression pattern: ${shape.pattern}`,
    enum: `Member must satisfy enum value set: [${shape.enum?.join(', ')}]`,
  };
}

/** All limits of a shape in brackets: how AWS speaks of the elements of lists and maps. */
export function bracketedConstraints(shape: ContractShape): string {
  const texts = constraintTexts(shape);
  const kinds = ['max', 'min', 'pattern', 'enum'] as const;
  return `[${kinds
    .filter((kind) => shape[kind] !== undefined)
    .map((kind) => texts[kind])
    .join(', ')}]`;
}

export function isNumeric(shape: ContractShape): boolean {
  return (
    shape.type === 'integer' ||
    shape.type === 'long' ||
    shape.type === 'float' ||
    shape.type === 'double'
  );
}

/** `Value 'x'` as AWS prints it: Java's text of it. Structures have none worth printing. */
export function shown(value: unknown, sensitive: boolean): string {
  if (value === null || value === undefined) return 'Value null';
  const text = sensitive ? undefined : javaText(value);
  return text === undefined ? 'Value' : `Value '${text}'`;
}

function javaText(value: unknown): string | undefined {
  if (value instanceof Uint8Array)
    return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (Array.isArray(value)) {
    const texts = value.map(scalarText);
    return texts.includes(undefined) ? undefined : `[${texts.join(', ')}]`;
  }
  if (typeof value !== 'object' || value === null) return scalarText(value);
  // What is wrong with such a map is told to others too: records of calls have the message.
  if (Object.keys(value).some((key) => SECRET_NAME.test(key))) return undefined;
  const entries = Object.entries(value).map(([key, v]) => [key, scalarText(v)]);
  return entries.some(([, v]) => v === undefined)
    ? undefined
    : `{${entries.map((e) => e.join('=')).join(', ')}}`;
}

function scalarText(value: unknown): string | undefined {
  return value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)
    ? String(value)
    : undefined;
}

/** The whole message of a ValidationException. */
export function formatViolations(violations: Violation[]): string {
  const count = violations.length;
  const texts = violations.map(
    (v) => `${v.value} at '${v.path}' failed to satisfy constraint: ${v.constraint}`,
  );
  return `${count} validation error${count === 1 ? '' : 's'} detected: ${texts.join('; ')}`;
}
