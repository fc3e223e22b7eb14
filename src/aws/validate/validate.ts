import type { Contract, ContractShape } from './contract.ts';
import { compileJavaPattern } from './java-pattern.ts';
import {
  bracketedConstraints,
  constraintTexts,
  formatViolations,
  isNumeric,
  NOT_NULL,
  shown,
  type Violation,
} from './messages.ts';

/** What an input fails, as AWS words it (`1 validation error detected: …`), or undefined when it is fine or the operation has no constraints. */
export type Validate = (operationName: string, input: unknown) => string | undefined;

/** The violations inside one value, paths relative to it; undefined when there are none, so that valid input allocates nothing. */
type Check = (value: unknown) => Violation[] | undefined;

/** Turns a contract into checks. Shapes are compiled when they are first met. */
export function compileContract(contract: Contract): Validate {
  const checks = new Map<string, Check>();
  const checkOf = (shapeName: string): Check => {
    const known = checks.get(shapeName);
    if (known) return known;
    // Recursive shapes meet themselves while they are compiled; the indirection waits until then.
    checks.set(shapeName, (value) => checkOf(shapeName)(value));
    const check = compileShape(contract, shapeName, checkOf);
    checks.set(shapeName, check);
    return check;
  };
  return (operationName, input) => {
    const shapeName = contract.operations[operationName];
    if (shapeName === undefined) return undefined;
    const violations = checkOf(shapeName)(input);
    return violations && formatViolations(violations);
  };
}

function compileShape(contract: Contract, name: string, checkOf: (name: string) => Check): Check {
  const shape = shapeOf(contract, name);
  if (shape.type === 'structure') return compileStructure(shape, checkOf);
  const own = compileLimits(shape);
  if (shape.type === 'list' && shape.member !== undefined)
    return both(own, compileList(contract, shape.member, shape, checkOf));
  if (shape.type === 'map') return both(own, compileMap(contract, shape, checkOf));
  return own;
}

function shapeOf(contract: Contract, name: string): ContractShape {
  const shape = contract.shapes[name];
  if (!shape) throw new Error(`contracts/${contract.service}.json has no shape ${name}`);
  return shape;
}

const both =
  (first: Check, second: Check): Check =>
  (value) => {
    const [a, b] = [first(value), second(value)];
    return a && b ? [...a, ...b] : (a ?? b);
  };

/** Unknown members are ignored, as AWS does. */
function compileStructure(shape: ContractShape, checkOf: (name: string) => Check): Check {
  const required = new Set(shape.required);
  const names = new Set([...Object.keys(shape.members ?? {}), ...required]);
  const members = [...names].map((name) => {
    const target = shape.members?.[name];
    return {
      name,
      path: name.charAt(0).toLowerCase() + name.slice(1),
      required: required.has(name),
      check: target === undefined ? undefined : checkOf(target),
    };
  });
  return (value) => {
    let found: Violation[] | undefined;
    const input = value as Record<string, unknown>;
    for (const { name, path, required, check } of members) {
      const member = input?.[name];
      if (member === undefined || member === null) {
        if (required) found = add(found, [{ path, value: 'Value null', constraint: NOT_NULL }]);
        continue;
      }
      const violations = check?.(member);
      if (violations) found = add(found, below(path, violations));
    }
    return found;
  };
}

const add = (found: Violation[] | undefined, more: Violation[]) =>
  found ? [...found, ...more] : more;

const below = (path: string, violations: Violation[]) =>
  violations.map((v) => ({ ...v, path: v.path === '' ? path : `${path}.${v.path}` }));

const isScalar = (shape: ContractShape) => !['structure', 'list', 'map'].includes(shape.type);

/** Of a list of scalars AWS names the list; of a list of structures the element, counted from 1. */
function compileList(
  contract: Contract,
  element: string,
  list: ContractShape,
  checkOf: (name: string) => Check,
): Check {
  const shape = shapeOf(contract, element);
  const check = checkOf(element);
  const constraint = `Member must satisfy constraint: ${bracketedConstraints(shape)}`;
  const sensitive = !!(list.sensitive || shape.sensitive);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    if (isScalar(shape)) {
      return value.some((item) => check(item))
        ? [{ path: '', value: shown(value, sensitive), constraint }]
        : undefined;
    }
    let found: Violation[] | undefined;
    value.forEach((item, index) => {
      const violations = check(item);
      if (violations) found = add(found, below(`${index + 1}.member`, violations));
    });
    return found;
  };
}

function compileMap(
  contract: Contract,
  map: ContractShape,
  checkOf: (name: string) => Check,
): Check {
  const checkKeys = compileMapPart(
    contract,
    map.key,
    'Map keys must satisfy constraint',
    map,
    checkOf,
    Object.keys,
  );
  const checkValues = compileMapPart(
    contract,
    map.value,
    'Map value must satisfy constraint',
    map,
    checkOf,
    Object.values,
  );
  return (value) =>
    typeof value === 'object' && value !== null ? both(checkKeys, checkValues)(value) : undefined;
}

function compileMapPart(
  contract: Contract,
  part: string | undefined,
  text: string,
  map: ContractShape,
  checkOf: (name: string) => Check,
  itemsOf: (value: object) => unknown[],
): Check {
  if (part === undefined) return () => undefined;
  const shape = shapeOf(contract, part);
  const check = checkOf(part);
  const constraint = `${text}: ${bracketedConstraints(shape)}`;
  const sensitive = !!(map.sensitive || shape.sensitive);
  if (isScalar(shape))
    return (value) =>
      itemsOf(value as object).some((item) => check(item))
        ? [{ path: '', value: shown(value, sensitive), constraint }]
        : undefined;
  return (value) => {
    const found = Object.entries(value as object).flatMap(([key, item]) =>
      below(`${key}.member`, check(item) ?? []),
    );
    return found.length ? found : undefined;
  };
}

/** The limits that a value itself has to keep. A value of another type than the shape's is the decoder's business. */
function compileLimits(shape: ContractShape): Check {
  const { min = -Infinity, max = Infinity } = shape;
  const texts = constraintTexts(shape);
  const allowed = shape.enum && new Set(shape.enum);
  const pattern = shape.pattern === undefined ? undefined : compileJavaPattern(shape.pattern);
  const measure = isNumeric(shape) ? (value: unknown) => value as number : sizeOf;
  return (value) => {
    const size = measure(value);
    const failed: string[] = [];
    if (size > max) failed.push(texts.max);
    if (size < min) failed.push(texts.min);
    if (typeof value === 'string') {
      if (pattern && !pattern.test(value)) failed.push(texts.pattern);
      if (allowed && !allowed.has(value)) failed.push(texts.enum);
    }
    if (failed.length === 0) return undefined;
    const text = shown(value, !!shape.sensitive);
    return failed.map((constraint) => ({ path: '', value: text, constraint }));
  };
}

/** Characters (UTF-16 units, as Java counts), bytes, elements or entries. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array)
    return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : Number.NaN;
}
