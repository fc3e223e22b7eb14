import { NormalizedSchema } from '@smithy/core/schema';

/**
 * Some members of a structure, as a structure.
 * @param name what it is called: the element that it becomes in XML
 */
export function part(
  schema: NormalizedSchema,
  name: string,
  keep: (member: NormalizedSchema, name: string) => boolean = () => true,
): NormalizedSchema {
  const members = Object.entries(schema.getMemberSchemas()).filter(([n, m]) => keep(m, n));
  return NormalizedSchema.of([
    3,
    '',
    name,
    0,
    members.map(([n]) => n),
    members.map(([, m]) => [m.getSchema(), m.getMemberTraits()]),
  ] as never);
}
