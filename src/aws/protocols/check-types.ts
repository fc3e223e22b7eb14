import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from '../errors.ts';

/** What becomes of a null in a list or map: refused here, or left to the contract's `Member must not be null`. */
export type Nulls = 'refused' | 'left';

/**
 * The SDK's JSON reader trusts what it reads, as a client may. A server may not: this refuses values
 * of the wrong JSON type with AWS's SerializationException before any code sees them.
 * @param nulls the same for all schemas of an API
 */
export function checkTypes(schema: SchemaRef, value: unknown, nulls: Nulls): void {
  checkerOf(NormalizedSchema.of(schema), nulls)(value);
}

/** Epoch seconds beyond which there are no dates in JavaScript: the year 275760. */
const LATEST_S = 8.64e12;

type Checker = (value: unknown) => void;

/** Checkers by the schema they were made for: schemas are constants of the client packages, made once. */
const checkers = new Map<unknown, Checker>();

function checkerOf(schema: NormalizedSchema, nulls: Nulls): Checker {
  if (!schema.isStructSchema() && !schema.isListSchema() && !schema.isMapSchema())
    return scalar(schema);
  const key = schema.getSchema();
  const known = checkers.get(key);
  if (known) return known;
  // Shapes can be recursive: the entry must exist before its members are looked at.
  let made: Checker | undefined;
  const checker: Checker = (value) => {
    made ??= schema.isStructSchema()
      ? struct(schema, nulls)
      : schema.isListSchema()
        ? list(schema, nulls)
        : map(schema, nulls);
    made(value);
  };
  checkers.set(key, checker);
  return checker;
}

function struct(schema: NormalizedSchema, nulls: Nulls): Checker {
  const members = Object.entries(schema.getMemberSchemas()).map(
    ([name, member]) => [name, checkerOf(member, nulls)] as const,
  );
  return (value) => {
    if (!isRecord(value)) throw unexpected(value, 'an object');
    for (const [name, check] of members) if (value[name] != null) check(value[name]);
  };
}

function list(schema: NormalizedSchema, nulls: Nulls): Checker {
  const check = element(schema.getValueSchema(), nulls);
  return (value) => {
    if (!Array.isArray(value)) throw unexpected(value, 'a list');
    for (const item of value) check(item);
  };
}

function map(schema: NormalizedSchema, nulls: Nulls): Checker {
  const check = element(schema.getValueSchema(), nulls);
  return (value) => {
    if (!isRecord(value)) throw unexpected(value, 'a map');
    for (const item of Object.values(value)) check(item);
  };
}

/** None of the APIs has a list or a map that may hold nulls (Smithy's `@sparse`). */
function element(schema: NormalizedSchema, nulls: Nulls): Checker {
  const check = checkerOf(schema, nulls);
  return (value) => {
    if (value !== null) check(value);
    else if (nulls === 'refused') throw unexpected(value, 'a value');
  };
}

function scalar(schema: NormalizedSchema): Checker {
  if (schema.isBlobSchema() || schema.isStringSchema()) return expecting('string', 'a String');
  if (schema.isBooleanSchema()) return expecting('boolean', 'a Boolean');
  if (schema.isBigIntegerSchema() || schema.isNumericSchema())
    return expecting('number', 'a number');
  if (schema.isTimestampSchema()) {
    return (value) => {
      const isTime = typeof value === 'number' && Math.abs(value) <= LATEST_S;
      if (!isTime && typeof value !== 'string') throw unexpected(value, 'a Timestamp');
    };
  }
  return () => {};
}

function expecting(type: string, name: string): Checker {
  return (value) => {
    const found: string = typeof value;
    if (found !== type) throw unexpected(value, name);
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function unexpected(value: unknown, wanted: string): AwsError {
  return new AwsError(
    'SerializationException',
    `${tokenOf(value)} can not be converted to ${wanted}`,
  );
}

/** What AWS's JSON reader calls the token that it met. */
function tokenOf(value: unknown): string {
  if (value === null) return 'VALUE_NULL';
  if (Array.isArray(value)) return 'START_ARRAY';
  if (isRecord(value)) return 'START_OBJECT';
  return `${(typeof value === 'boolean' ? String(value) : typeof value).toUpperCase()}_VALUE`;
}
