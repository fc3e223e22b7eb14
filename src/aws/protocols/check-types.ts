import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from '../errors.ts';

/** What becomes of a null in a list or map: refused here, or left to the contract's `Member must not be null`. */
export type Nulls = 'refused' | 'left';

export const noCheckers = (): ValueForm['checkers'] => ({ refused: new Map(), left: new Map() });

/** How a protocol writes values: each has one of these, made once. */
export interface ValueForm {
  /** By schema, which is a constant of a client package or, for a plain list, a number that all packages share. */
  checkers: Record<Nulls, Map<unknown, Checker>>;
  /** Members are called by their `jsonName`, where they have one. */
  jsonNames: boolean;
  /** Blobs are bytes, and timestamps tagged numbers: CBOR. Else both are JSON's text and numbers. */
  binary: boolean;
}

type Checker = (value: unknown) => void;

/**
 * The SDK's readers trust what they read, as a client may. A server may not: this refuses values
 * of the wrong type with AWS's SerializationException before any code sees them.
 */
export function checkTypes(schema: SchemaRef, value: unknown, nulls: Nulls, form: ValueForm): void {
  const read = NormalizedSchema.of(schema);
  const checker = form.checkers[nulls].get(read.getSchema()) ?? checkerOf(read, { ...form, nulls });
  checker(value);
}

interface Style extends ValueForm {
  nulls: Nulls;
}

/** Epoch seconds beyond which there are no dates in JavaScript: the year 275760. */
const LATEST_S = 8.64e12;

function checkerOf(schema: NormalizedSchema, style: Style): Checker {
  if (!schema.isStructSchema() && !schema.isListSchema() && !schema.isMapSchema())
    return scalar(schema, style);
  const checkers = style.checkers[style.nulls];
  const key = schema.getSchema();
  const known = checkers.get(key);
  if (known) return known;
  // Shapes can be recursive: the entry must exist before its members are looked at.
  let made: Checker | undefined;
  const checker: Checker = (value) => {
    made ??= schema.isStructSchema()
      ? struct(schema, style)
      : schema.isListSchema()
        ? list(schema, style)
        : map(schema, style);
    made(value);
  };
  checkers.set(key, checker);
  return checker;
}

function struct(schema: NormalizedSchema, style: Style): Checker {
  const members = Object.entries(schema.getMemberSchemas()).map(
    ([name, member]) => [wireName(name, member, style), checkerOf(member, style)] as const,
  );
  return (value) => {
    if (!isRecord(value)) throw unexpected(value, 'an object');
    for (const [name, check] of members) if (value[name] != null) check(value[name]);
  };
}

function list(schema: NormalizedSchema, style: Style): Checker {
  const check = element(schema, style);
  return (value) => {
    if (!Array.isArray(value)) throw unexpected(value, 'a list');
    for (const item of value) check(item);
  };
}

function map(schema: NormalizedSchema, style: Style): Checker {
  const check = element(schema, style);
  return (value) => {
    if (!isRecord(value)) throw unexpected(value, 'a map');
    for (const item of Object.values(value)) check(item);
  };
}

/** What a list or a map holds. Those that may hold nothing (Smithy's `@sparse`) are few, and say so. */
function element(collection: NormalizedSchema, style: Style): Checker {
  const check = checkerOf(collection.getValueSchema(), style);
  const { sparse } = collection.getMergedTraits();
  return (value) => {
    if (value !== null) check(value);
    else if (style.nulls === 'refused' && !sparse) throw unexpected(value, 'a value');
  };
}

function wireName(name: string, member: NormalizedSchema, { jsonNames }: Style): string {
  return (jsonNames && member.getMergedTraits().jsonName) || name;
}

function scalar(schema: NormalizedSchema, { binary }: Style): Checker {
  if (binary) {
    if (schema.isBlobSchema()) return bytes;
    if (schema.isTimestampSchema()) return taggedTime;
    if (schema.isBigIntegerSchema() || schema.isNumericSchema()) return wholeOrNot;
  }
  if (schema.isBlobSchema() || schema.isStringSchema()) return expecting('string', 'a String');
  if (schema.isBooleanSchema()) return expecting('boolean', 'a Boolean');
  if (schema.isBigIntegerSchema() || schema.isNumericSchema())
    return expecting('number', 'a number');
  if (schema.isTimestampSchema()) {
    return (value) => {
      if (!isTime(value) && typeof value !== 'string') throw unexpected(value, 'a Timestamp');
    };
  }
  return () => {};
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST_S;
}

const bytes: Checker = (value) => {
  if (!(value instanceof Uint8Array)) throw unexpected(value, 'a Blob');
};

const taggedTime: Checker = (value) => {
  const { tag, value: seconds } = Object(value) as { tag?: unknown; value?: unknown };
  if (tag !== 1 || !isTime(seconds)) throw unexpected(value, 'a Timestamp');
};

/** CBOR's integers beyond JavaScript's are bigints. */
const wholeOrNot: Checker = (value) => {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw unexpected(value, 'a number');
};

function expecting(type: string, name: string): Checker {
  return (value) => {
    const found: string = typeof value;
    if (found !== type) throw unexpected(value, name);
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
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
