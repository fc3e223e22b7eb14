import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import type { Call } from '../protocols/protocol.ts';
import { operationSchema } from '../protocols/protocol.ts';
import { compileContract, type Validate } from './validate.ts';
import { CONTRACTS, readContract } from './validator.ts';

/** @throws Error naming what of the output is not as its model says: a bug of the operation */
export type OutputCheck = (
  call: Pick<Call, 'api' | 'operation'>,
  output: Record<string, unknown>,
) => void;

/**
 * For tests, where every call goes through it: clients read what they get as it comes, so an answer that lacks a member,
 * or has a text where a number should be, shows nowhere else. Types, members and which are required come from the SDK's
 * schemas; lengths, patterns and enums from botocore's (`contracts/outputs`).
 * @param contracts folder of the contract files
 */
export function makeOutputCheck(contracts: string = CONTRACTS): OutputCheck {
  const folder = join(contracts, 'outputs');
  const compiled = new Map<string, Validate>();
  const validatorOf = (service: string) => {
    let validate = compiled.get(service);
    if (!validate) {
      const there = existsSync(join(folder, `${service}.json`));
      validate = there ? compileContract(readContract(folder, service)) : () => undefined;
      compiled.set(service, validate);
    }
    return validate;
  };
  return ({ api, operation }, output) => {
    const schema = operationSchema(api, operation)[5];
    const found = faultsOf(NormalizedSchema.of(schema as SchemaRef), output, 'output');
    const breach = found.length > 0 || validatorOf(api.contract ?? api.name)(operation, output);
    if (!breach) return;
    const said = found.length > 0 ? found.join('; ') : breach;
    throw new Error(`${api.name}:${operation} answers what its model does not have: ${said}`);
  };
}

function faultsOf(schema: NormalizedSchema, value: unknown, path: string): string[] {
  // The empty output that many operations share.
  if (schema.isUnitSchema()) return fieldsOf(value).map(([name]) => `${path}.${name} is no member`);
  if (schema.isStructSchema()) return faultsOfStruct(schema, value, path);
  if (schema.isListSchema()) return faultsOfList(schema, value, path);
  if (schema.isMapSchema()) return faultsOfMap(schema, value, path);
  const wanted = wantedOf(schema);
  return wanted.holds(value) ? [] : [`${path} is ${shown(value)}, not ${wanted.name}`];
}

function faultsOfStruct(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (!isRecord(value)) return [`${path} is ${shown(value)}, not a structure`];
  const members = schema.getMemberSchemas();
  const names = Object.keys(members);
  const found = fieldsOf(value).flatMap(([name, field]) => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!member) return [`${path}.${name} is no member`];
    return isStream(member) ? [] : faultsOf(member, field, `${path}.${name}`);
  });
  const missing = names.slice(0, requiredCount(schema)).filter((name) => value[name] == null);
  const lacking = missing.map((name) => `${path}.${name} is missing`);
  const several =
    schema.isUnionSchema() && fieldsOf(value).length !== 1
      ? [`${path} is not one of its kinds`]
      : [];
  return [...found, ...lacking, ...several];
}

function faultsOfList(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} is ${shown(value)}, not a list`];
  return value.flatMap((item, index) => faultsOfElement(schema, item, `${path}[${index}]`));
}

function faultsOfMap(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (!isRecord(value)) return [`${path} is ${shown(value)}, not a map`];
  return fieldsOf(value).flatMap(([key, item]) => faultsOfElement(schema, item, `${path}.${key}`));
}

function faultsOfElement(collection: NormalizedSchema, item: unknown, path: string): string[] {
  if (item === null && collection.getMergedTraits().sparse) return [];
  return faultsOf(collection.getValueSchema(), item, path);
}

/** A structure's seventh element says how many of its first members are required. */
function requiredCount(schema: NormalizedSchema): number {
  const [, , , , , , count] = schema.getSchema() as unknown as unknown[];
  return typeof count === 'number' ? count : 0;
}

/** What is read while it is sent: bytes, or events. */
function isStream(member: NormalizedSchema): boolean {
  return member.isStreaming();
}

interface Wanted {
  name: string;
  holds(value: unknown): boolean;
}

function wantedOf(schema: NormalizedSchema): Wanted {
  if (schema.isBlobSchema()) return { name: 'bytes', holds: (v) => v instanceof Uint8Array };
  if (schema.isStringSchema()) return { name: 'a string', holds: (v) => typeof v === 'string' };
  if (schema.isBooleanSchema()) return { name: 'a boolean', holds: (v) => typeof v === 'boolean' };
  if (schema.isTimestampSchema()) return { name: 'a time', holds: isTime };
  if (schema.isNumericSchema()) return { name: 'a number', holds: Number.isFinite };
  return { name: 'anything', holds: () => true };
}

const isTime = (value: unknown) => value instanceof Date && !Number.isNaN(value.getTime());

function isRecord(value: unknown): value is Record<string, unknown> {
  return value?.constructor === Object || (typeof value === 'object' && isPlain(value));
}

/** Rows and documents are made without a prototype, where names are others' choice. */
function isPlain(value: object | null): boolean {
  return value !== null && Object.getPrototypeOf(value) === null;
}

/** Members that are set: operations leave out what is undefined, as the protocols do. */
function fieldsOf(value: unknown): [string, unknown][] {
  return Object.entries(value ?? {}).filter(([, field]) => field !== undefined);
}

/** Its type, never the value: it may be a secret. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? value.constructor?.name : `a ${typeof value}`;
}
