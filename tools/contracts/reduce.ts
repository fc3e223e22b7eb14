import type { Contract, ContractShape } from '../../src/aws/validate/contract.ts';
import type { Model, ModelShape } from './botocore.ts';
import { CORRECTIONS } from './corrections.ts';

/** The constraints that a model puts on inputs, or on outputs, and nothing else of it: no prose, no errors. */
export function reduceModel(service: string, model: Model, of: 'input' | 'output'): Contract {
  const constrained = constrainedShapes(model);
  const operations: Record<string, string> = {};
  const shapes: Record<string, ContractShape> = {};
  // AWS answers empty lists and texts where its models ask for one at least: `"InvalidLabels": []`.
  const limitsOf = (shape: ModelShape) => (of === 'input' ? shape : { ...shape, min: undefined });
  const visit = (name: string) => {
    if (name in shapes || !constrained.has(name)) return;
    const shape = model.shapes[name] as ModelShape;
    shapes[name] = {
      ...reduceShape(limitsOf(shape), constrained),
      ...CORRECTIONS[of][service]?.[name],
    };
    for (const child of childrenOf(shape)) visit(child);
  };
  for (const name of Object.keys(model.operations).sort()) {
    const shape = model.operations[name]?.[of]?.shape;
    if (shape === undefined || !constrained.has(shape)) continue;
    operations[name] = shape;
    visit(shape);
  }
  const sorted = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { service, apiVersion: model.metadata.apiVersion, operations, shapes: sorted };
}

function reduceShape(shape: ModelShape, constrained: Set<string>): ContractShape {
  const name = (target: { shape: string } | undefined) =>
    target && constrained.has(target.shape) ? target.shape : undefined;
  const members = Object.entries(shape.members ?? {}).filter(([, m]) => constrained.has(m.shape));
  const reduced = {
    type: shape.type,
    min: shape.min,
    max: shape.max,
    pattern: shape.pattern,
    enum: shape.enum,
    sensitive: shape.sensitive,
    required: shape.required?.length ? shape.required : undefined,
    members: members.length ? Object.fromEntries(members.map(([k, m]) => [k, m.shape])) : undefined,
    member: name(shape.member),
    key: name(shape.key),
    value: name(shape.value),
  };
  return Object.fromEntries(
    Object.entries(reduced).filter(([, v]) => v !== undefined),
  ) as unknown as ContractShape;
}

function childrenOf(shape: ModelShape): string[] {
  const targets = [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value];
  return targets.flatMap((target) => (target ? [target.shape] : []));
}

/** Shapes that carry a constraint themselves or contain one that does. Shapes may be recursive, so: until nothing is added. */
function constrainedShapes(model: Model): Set<string> {
  const found = new Set<string>();
  // Elements of lists and maps must not be null, whatever they are.
  const carries = (s: ModelShape) =>
    s.type === 'list' ||
    s.type === 'map' ||
    s.min !== undefined ||
    s.max !== undefined ||
    s.pattern !== undefined ||
    s.enum !== undefined ||
    !!s.required?.length;
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, shape] of Object.entries(model.shapes))
      if (carries(shape) || childrenOf(shape).some((child) => found.has(child))) found.add(name);
  }
  return found;
}
