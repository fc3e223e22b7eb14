import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { type Located, type LocatedScalar, scalarValue } from '../../lib/located.ts';
import { isUnknown } from './unknown.ts';

/** A property that CloudFormation's type does not have. */
export interface Extraneous {
  name: string;
  at: Located['at'];
}

/** Properties of a resource as the members of the call that makes it: `RunOrder: "1"` is `runOrder: 1`. */
export function asMembers(schema: SchemaRef, node: Located, extraneous: Extraneous[]): Located {
  return renamed(NormalizedSchema.of(schema), node, extraneous);
}

function renamed(schema: NormalizedSchema, node: Located, extraneous: Extraneous[]): Located {
  if (node.kind === 'scalar') return converted(schema, node);
  if (node.kind === 'list') {
    if (!schema.isListSchema()) return node;
    const item = schema.getValueSchema();
    return { ...node, items: node.items.map((part) => renamed(item, part, extraneous)) };
  }
  if (schema.isMapSchema()) {
    const value = schema.getValueSchema();
    const entries = node.entries.map((e) => ({ ...e, value: renamed(value, e.value, extraneous) }));
    return { ...node, entries };
  }
  if (!schema.isStructSchema()) return node;
  const members = schema.getMemberSchemas();
  const entries = node.entries.flatMap((entry) => {
    const key = entry.key.charAt(0).toLowerCase() + entry.key.slice(1);
    const member = key !== entry.key && Object.hasOwn(members, key) ? members[key] : undefined;
    if (member) return [{ ...entry, key, value: renamed(member, entry.value, extraneous) }];
    extraneous.push({ name: entry.key, at: entry.at });
    return [];
  });
  return { ...node, entries };
}

/** CloudFormation takes a number for a text, and a text for a number. */
function converted(schema: NormalizedSchema, node: LocatedScalar): LocatedScalar {
  const value = scalarValue(node);
  if (value === null || (typeof value === 'string' && isUnknown(value))) return node;
  if (schema.isStringSchema())
    return { ...node, plain: false, text: typeof value === 'boolean' ? `${value}` : node.text };
  const isNumber = schema.isNumericSchema() && /^[-+]?\d+$/.test(node.text);
  return isNumber || (schema.isBooleanSchema() && /^(?:true|false)$/i.test(node.text))
    ? { ...node, plain: true }
    : node;
}
