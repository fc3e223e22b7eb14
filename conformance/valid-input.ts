// A valid input of an operation by its schema: what is required, and little else.

import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Contract, ContractShape } from '../src/aws/validate/contract.ts';
import { readContract } from '../src/aws/validate/validator.ts';
import type { Built } from './any-call.ts';

const CONTRACTS = join(import.meta.dirname, '..', 'contracts');

/** Texts of which one fits most constraints. */
const TEXTS = [
  'text',
  'arn:aws:iam::000000000000:role/text',
  '11111111-2222-3333-4444-555555555555',
  '1',
  'v1',
  'alias/text',
  '/text',
  'd-ABCDEFGHI',
  '{}',
  'x'.repeat(32),
  'x'.repeat(64),
];

/** @param known values by member name in lower case: those of members that are required or among `wanted` are used */
export function validInput(
  { api, name, schema }: Built,
  known: Record<string, string>,
  wanted: ReadonlySet<string>,
): Record<string, unknown> {
  const json = /json$/.test(api.protocols[0].dialect);
  const contract = readContract(CONTRACTS, api.contract ?? api.name);

  function value(of: NormalizedSchema, member: string, shape?: ContractShape): unknown {
    if (of.isStructSchema()) return structure(of);
    if (of.isListSchema()) return [value(of.getValueSchema(), member, shapeOf(shape?.member))];
    if (of.isMapSchema()) {
      const key = text(`${member}.key`, shapeOf(shape?.key));
      return { [key]: value(of.getValueSchema(), member, shapeOf(shape?.value)) };
    }
    if (of.isBlobSchema()) {
      const bytes = known[member.toLowerCase()] ?? 'eA==';
      return json ? bytes : Buffer.from(bytes, 'base64');
    }
    if (of.isBooleanSchema()) return false;
    if (of.isTimestampSchema()) return json ? 1_700_000_000 : new Date(1_700_000_000_000);
    if (of.isNumericSchema()) return Math.max(shape?.min ?? 1, 1);
    return text(member, shape);
  }

  const shapeOf = (shape: string | undefined): ContractShape | undefined =>
    shape === undefined ? undefined : contract.shapes[shape];

  function text(member: string, shape: ContractShape | undefined): string {
    const lower = member.toLowerCase();
    const given = known[`${api.name}.${lower}`] ?? known[lower];
    if (given !== undefined) return given;
    if (shape?.enum) return shape.enum[0] ?? '';
    return TEXTS.find((candidate) => fits(candidate, shape)) ?? '';
  }

  function structure(of: NormalizedSchema, isInput = false): Record<string, unknown> {
    const shape = isInput ? inputShape(contract, name) : shapeOf(of.getName() ?? '');
    const required = new Set(shape?.required);
    const members = Object.entries(of.getMemberSchemas()).filter(
      ([member]) => required.has(member) || (isInput && wanted.has(member.toLowerCase())),
    );
    return Object.fromEntries(
      members.map(([member, schemaOf]) => [
        member,
        value(schemaOf, member, shapeOf(shape?.members?.[member])),
      ]),
    );
  }

  const input = NormalizedSchema.of(schema as never);
  return input.isStructSchema() ? structure(input, true) : {};
}

function inputShape(contract: Contract, operation: string): ContractShape | undefined {
  return contract.shapes[contract.operations[operation] ?? ''];
}

function fits(text: string, shape: ContractShape | undefined): boolean {
  if (!shape) return true;
  if (text.length < (shape.min ?? 0) || text.length > (shape.max ?? Number.POSITIVE_INFINITY))
    return false;
  return shape.pattern === undefined || new RegExp(`^(?:${shape.pattern})$`, 'u').test(text);
}
