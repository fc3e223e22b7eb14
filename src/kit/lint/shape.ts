import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { entryOf, type Located, scalarValue } from '../../lib/located.ts';
import { setOwn } from '../../lib/own.ts';
import { isUnknown, MISSING } from './unknown.ts';

type Path = readonly (string | number)[];

/** A file's part as the input of a call, as far as it can be. */
export interface Shaped {
  value: unknown;
  /** Of another type than the member's, in the words of AWS's reader. */
  mistyped: { at: Path; message: string }[];
  /** Members that the shape does not have. */
  strange: { at: Path; name: string; known: string[] }[];
  /** Not known yet, and no text: nothing stands in their place. */
  opaque: Path[];
}

interface Reading extends Shaped {
  /** Numbers that are no int. */
  uneven: Shaped['mistyped'];
}

/** Reads a part of a file by the schema of a client package. */
export function shaped(schema: SchemaRef, node: Located): Shaped {
  const found: Reading = { value: undefined, mistyped: [], strange: [], opaque: [], uneven: [] };
  found.value = read(NormalizedSchema.of(schema), node, [], found);
  const { uneven, ...rest } = found;
  // The service looks at these once all is read.
  return { ...rest, mistyped: [...rest.mistyped, ...uneven] };
}

function read(schema: NormalizedSchema, node: Located, at: Path, found: Reading): unknown {
  if (node.kind === 'scalar') {
    const value = scalarValue(node);
    if (value === null) return undefined;
    if (schema.isStringSchema()) return text(value, at, found);
    if (typeof value === 'string' && isUnknown(value)) {
      found.opaque.push(at);
      return undefined;
    }
    if (schema.isNumericSchema() && typeof value === 'number') return whole(value, at, found);
    if (schema.isBooleanSchema() && typeof value === 'boolean') return value;
    return mistyped(schema, `${wordOf(value)}_VALUE`, at, found);
  }
  if (node.kind === 'list') {
    if (!schema.isListSchema()) return mistyped(schema, 'START_ARRAY', at, found);
    return node.items.map((item, i) => read(schema.getValueSchema(), item, [...at, i], found));
  }
  if (schema.isStructSchema()) return structure(schema, node, at, found);
  if (!schema.isMapSchema()) return mistyped(schema, 'START_OBJECT', at, found);
  const map: Record<string, unknown> = {};
  for (const { key, value } of node.entries)
    setOwn(map, key, read(schema.getValueSchema(), value, [...at, key], found));
  return map;
}

function structure(
  schema: NormalizedSchema,
  node: Located & { kind: 'map' },
  at: Path,
  found: Reading,
): unknown {
  const members = schema.getMemberSchemas();
  const value: Record<string, unknown> = {};
  // In the order of the shape, as the service reads them: its answer is about the first that it stumbles on.
  for (const [name, member] of Object.entries(members)) {
    const entry = entryOf(node, name);
    if (entry) setOwn(value, name, read(member, entry.value, [...at, name], found));
  }
  for (const { key } of node.entries)
    if (!Object.hasOwn(members, key))
      found.strange.push({ at, name: key, known: Object.keys(members) });
  return value;
}

function text(value: string | number | boolean, at: Path, found: Reading): string | undefined {
  if (typeof value === 'string') return value;
  found.mistyped.push({ at, message: `${wordOf(value)}_VALUE can not be converted to a String` });
  return undefined;
}

/** Java's int: no definition has numbers of another kind. */
const LARGEST = 2 ** 31 - 1;

function whole(value: number, at: Path, found: Reading): number | undefined {
  if (Number.isInteger(value) && Math.abs(value) <= LARGEST) return value;
  found.uneven.push({ at, message: 'NUMBER_VALUE can not be converted to an Integer' });
  return undefined;
}

const wordOf = (value: string | number | boolean) =>
  (typeof value === 'boolean' ? String(value) : typeof value).toUpperCase();

function mistyped(schema: NormalizedSchema, token: string, at: Path, found: Reading): undefined {
  found.mistyped.push({ at, message: `${token} can not be converted to ${wanted(schema)}` });
}

function wanted(schema: NormalizedSchema): string {
  if (schema.isStructSchema()) return 'an object';
  if (schema.isListSchema()) return 'a list';
  if (schema.isMapSchema()) return 'a map';
  if (schema.isBooleanSchema()) return 'a Boolean';
  return schema.isNumericSchema() ? 'a number' : 'a String';
}

/**
 * Puts something that nothing is known of where a part is missing or of another type, so that the rest can be judged.
 * @returns whether more than a text was missing
 */
export function fillIn(schema: SchemaRef, value: unknown, path: Path): boolean {
  let here = NormalizedSchema.of(schema);
  let parent = value as Record<string | number, unknown> | undefined;
  for (const [index, step] of path.entries()) {
    if (typeof parent !== 'object' || parent === null) return true;
    here = here.isStructSchema() ? here.getMemberSchema(String(step)) : here.getValueSchema();
    if (index === path.length - 1) parent[step] = blank(here);
    else parent = parent[step] as typeof parent;
  }
  return !here.isStringSchema();
}

/** How deep what is missing is made up: no action has parts of parts that a rule needs. */
const DEEPEST = 3;

function blank(schema: NormalizedSchema, depth = 0): unknown {
  if (schema.isStringSchema()) return MISSING;
  if (schema.isListSchema()) return [];
  if (schema.isMapSchema()) return {};
  if (!schema.isStructSchema() || depth === DEEPEST) return undefined;
  const members = Object.entries(schema.getMemberSchemas());
  return Object.fromEntries(members.map(([name, member]) => [name, blank(member, depth + 1)]));
}
