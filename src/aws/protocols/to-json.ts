import { NormalizedSchema } from '@smithy/core/schema';

/** Makes of a value in the SDK's shapes what JSON.stringify is to write, and leaves out what the schema does not know. */
type Shaper = (value: unknown) => unknown;

const shapers = new Map<unknown, Shaper>();

/**
 * What JSON.stringify makes an output's JSON of: timestamps are epoch seconds, blobs base64, members without a value go.
 * The schema is read once, not for each answer as the SDK's own serializer reads it, which takes five times as long.
 * @param schema a static schema of an `@aws-sdk/client-*` package: of an operation's output or an error
 */
export function toJson(schema: unknown, value: unknown): Record<string, unknown> {
  return shaperOf(schema)(value) as Record<string, unknown>;
}

function shaperOf(schema: unknown): Shaper {
  let shaper = shapers.get(schema);
  if (!shaper) {
    // Shapes may contain themselves: whoever asks before this one is made gets a way to it.
    shapers.set(schema, (value) => (shaper as Shaper)(value));
    shaper = makeShaper(NormalizedSchema.of(schema as never));
    shapers.set(schema, shaper);
  }
  return shaper;
}

const asItIs: Shaper = (value) => value;

function makeShaper(schema: NormalizedSchema): Shaper {
  if (schema.isStructSchema()) return structShaper(schema);
  if (schema.isListSchema()) return listShaper(schema);
  if (schema.isMapSchema()) return mapShaper(schema);
  if (schema.isTimestampSchema()) return (value) => (value as Date).getTime() / 1000;
  if (schema.isBlobSchema()) return base64;
  // A document is JSON.
  if (schema.isDocumentSchema()) return asItIs;
  if (schema.isBigIntegerSchema() || schema.isBigDecimalSchema())
    throw new Error(
      `No JSON for ${schema.getName()}: no operation that is built has such a member`,
    );
  return asItIs;
}

function base64(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('base64');
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function structShaper(schema: NormalizedSchema): Shaper {
  const members = Object.entries(schema.getMemberSchemas()).map(
    ([name, member]) => [name, shaperOf(member.getSchema())] as const,
  );
  return (value) => {
    const from = value as Record<string, unknown>;
    const shaped: Record<string, unknown> = {};
    for (const [name, shaper] of members) {
      const member = from[name];
      if (member !== undefined && member !== null) shaped[name] = shaper(member);
    }
    return shaped;
  };
}

function listShaper(schema: NormalizedSchema): Shaper {
  const shaper = shaperOf(schema.getValueSchema().getSchema());
  return (value) => {
    const items = value as unknown[];
    return shaper === asItIs ? items : items.map(shaper);
  };
}

function mapShaper(schema: NormalizedSchema): Shaper {
  const shaper = shaperOf(schema.getValueSchema().getSchema());
  return (value) => {
    if (shaper === asItIs) return value;
    const shaped = Object.entries(value as object).map(([key, item]) => [key, shaper(item)]);
    return Object.fromEntries(shaped);
  };
}
