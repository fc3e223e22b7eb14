// What a caller may send: inputs of an operation by its schema, near enough to valid ones to get far, and wrong.

import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { readContract } from '../src/aws/validate/validator.ts';

const CONTRACTS = join(import.meta.dirname, '..', 'contracts');
const DEEPEST = 6;

/** Texts that some program somewhere takes for something else. */
const HOSTILE = [
  ...['', ' ', '*', '/', '..', '../../etc/passwd', '{', '%s', '-1', '💥', '\0', 'a\0b', '\uD800'],
  ...['__proto__', 'constructor', 'x'.repeat(300), "' or 1=1 --", 'arn:aws:s3:::', 'arn::::::'],
];

export interface InputOptions {
  /** The API's name: its contract says which members must be there and which values an enum has. */
  api: string;
  /** By member name in lower case: what is there and will be found. */
  known: Record<string, string>;
  /** Whether values of wrong types can be sent: an SDK's client would not. */
  anyType: boolean;
}

/** Made once: it knows each character there is. */
const ANY_TEXT = fc.string({ unit: 'binary', maxLength: 20 });

interface Hints {
  required: Record<string, string[]>;
  enums: Record<string, string[]>;
}

/** Inputs of an operation. @param schema of its input */
export function inputsOf(schema: unknown, options: InputOptions): fc.Arbitrary<object> {
  const hints = hintsOf(options.api);
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE, ...Object.values(options.known)) },
    ANY_TEXT,
  );

  function value(of: NormalizedSchema, name: string, depth: number): fc.Arbitrary<unknown> {
    const right = rightType(of, name, depth);
    if (!options.anyType) return right;
    const wrong = fc.constantFrom<unknown>(null, 0, 1.5, true, 'x', [], {}, [null], 1e300);
    return fc.oneof({ weight: 100, arbitrary: right }, wrong);
  }

  function rightType(of: NormalizedSchema, name: string, depth: number): fc.Arbitrary<unknown> {
    if (of.isStructSchema()) return structure(of, depth);
    if (of.isListSchema()) {
      const element = value(of.getValueSchema(), name, depth + 1);
      const nulls = { weight: options.anyType ? 1 : 0, arbitrary: fc.constant(null) };
      return fc.array(fc.oneof({ weight: 10, arbitrary: element }, nulls), { maxLength: 3 });
    }
    if (of.isMapSchema())
      return fc.dictionary(text, value(of.getValueSchema(), name, depth + 1), { maxKeys: 3 });
    if (of.isBlobSchema())
      return options.anyType
        ? fc.base64String({ maxLength: 20 })
        : fc.uint8Array({ maxLength: 20 });
    if (of.isBooleanSchema()) return fc.boolean();
    if (of.isTimestampSchema())
      return options.anyType ? fc.double() : fc.date({ noInvalidDate: true });
    if (of.isNumericSchema())
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) },
        fc.constantFrom(-1, 0, 0.5, 2 ** 31, 1e18),
      );
    return word(name);
  }

  function word(name: string): fc.Arbitrary<unknown> {
    const lower = name.toLowerCase();
    const known = options.known[`${options.api}.${lower}`] ?? options.known[lower];
    const likely = known === undefined ? hints.enums[name] : [known];
    return likely ? fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...likely) }, text) : text;
  }

  /** All that is required and little else; or any members. */
  function structure(of: NormalizedSchema, depth: number): fc.Arbitrary<object> {
    if (depth > DEEPEST) return fc.constant({});
    const members = Object.entries(of.getMemberSchemas());
    const required = new Set(hints.required[of.getName() ?? '']);
    const record = (isSure: (name: string) => boolean, isThere: fc.Arbitrary<boolean>) =>
      fc
        .tuple(
          ...members.map(([name, member]) =>
            (isSure(name) ? fc.constant(true) : isThere).chain(
              (there): fc.Arbitrary<[string, unknown][]> =>
                there ? value(member, name, depth + 1).map((v) => [[name, v]]) : fc.constant([]),
            ),
          ),
        )
        .map((entries) => Object.fromEntries(entries.flat()));
    const rarely = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);
    return fc.oneof(
      { weight: 4, arbitrary: record((name) => required.has(name), rarely) },
      record(() => false, fc.boolean()),
    );
  }

  return structure(NormalizedSchema.of(schema as never), 0);
}

const hintsByApi = new Map<string, Hints>();

function hintsOf(api: string): Hints {
  const known = hintsByApi.get(api);
  if (known) return known;
  const { shapes } = readContract(CONTRACTS, api);
  const hints: Hints = { required: {}, enums: {} };
  for (const [name, shape] of Object.entries(shapes)) {
    if (shape.required) hints.required[name] = shape.required;
    for (const [member, target] of Object.entries(shape.members ?? {})) {
      const values = shapes[target]?.enum;
      if (values) hints.enums[member] = values;
    }
  }
  hintsByApi.set(api, hints);
  return hints;
}
