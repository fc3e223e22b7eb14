import { AwsError } from '../errors.ts';
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
  const violationsOf = compileViolations(contract);
  return (operationName, input) => {
    const violations = violationsOf(operationName, input);
    return violations && formatViolations(violations);
  };
}

/**
 * The same, one by one and with their places.
 * @param isKnown false: the text stands for one that nobody knows yet, and keeps every limit
 */
export function compileViolations(
  contract: Contract,
  isKnown?: (text: string) => boolean,
): (operationName: string, input: unknown) => Violation[] | undefined {
  const checks = new Map<string, Check>();
  const checkOf = (shapeName: string): Check => {
    const known = checks.get(shapeName);
    if (known) return known;
    // Recursive shapes meet themselves while they are compiled; the indirection waits until then.
    checks.set(shapeName, (value) => checkOf(shapeName)(value));
    const check = compileShape({ contract, isKnown, checkOf }, shapeName);
    checks.set(shapeName, check);
    return check;
  };
  return (operationName, input) => {
    const shapeName = contract.operations[operationName];
    return shapeName === undefined ? undefined : checkOf(shapeName)(input);
  };
}

/** What shapes are compiled with. */
interface Compiler {
  contract: Contract;
  isKnown: ((text: string) => boolean) | undefined;
  checkOf(name: string): Check;
}

function compileShape(compiler: Compiler, name: string): Check {
  const shape = shapeOf(compiler.contract, name);
  if (shape.type === 'structure') return compileStructure(shape, compiler.checkOf);
  const own = ofKnown(compileLimits(shape), compiler.isKnown);
  if (shape.type === 'list') return both(own, compileList(compiler, shape));
  if (shape.type === 'map') return both(own, compileMap(compiler, shape));
  return own;
}

const ofKnown = (check: Check, isKnown: Compiler['isKnown']): Check =>
  isKnown
    ? (value) => (typeof value === 'string' && !isKnown(value) ? undefined : check(value))
    : check;

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
        if (required)
          found = add(found, [{ path, at: [name], value: 'Value null', constraint: NOT_NULL }]);
        continue;
      }
      const violations = check?.(member);
      if (violations) found = add(found, below(path, name, violations));
    }
    return found;
  };
}

const add = (found: Violation[] | undefined, more: Violation[]) =>
  found ? [...found, ...more] : more;

const below = (path: string, step: string | number, violations: Violation[]) =>
  violations.map((v) => ({
    ...v,
    path: v.path === '' ? path : `${path}.${v.path}`,
    at: [step, ...v.at],
  }));

const isScalar = (shape: ContractShape) => !['structure', 'list', 'map'].includes(shape.type);

/** What the elements of a list, or the values of a map, have to keep. */
interface Part {
  shape: ContractShape;
  check: Check;
  /** All its constraints: what AWS says of a list or map of scalars. */
  constraint: string;
  sensitive: boolean;
}

function partOf(
  { contract, checkOf }: Compiler,
  name: string | undefined,
  whole: ContractShape,
  text: string,
): Part | undefined {
  if (name === undefined) return undefined;
  const shape = shapeOf(contract, name);
  return {
    shape,
    check: checkOf(name),
    constraint: `${text}: ${bracketedConstraints(shape)}`,
    sensitive: !!(whole.sensitive || shape.sensitive),
  };
}

/** Of scalars AWS names the list or map that they are in; of structures the one, by index or key. */
function checkItems(
  whole: unknown,
  items: unknown[],
  keys: readonly string[] | undefined,
  part: Part | undefined,
): Violation[] | undefined {
  const scalar = part !== undefined && isScalar(part.shape);
  let found: Violation[] | undefined;
  let failing = false;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const isNull = item === null || item === undefined;
    const violations = isNull ? IS_NULL : part?.check(item);
    if (!violations) continue;
    if (scalar && !isNull) failing = true;
    else {
      const key = keys?.[index];
      found = add(found, below(`${key ?? index + 1}.member`, key ?? index, violations));
    }
  }
  return found ?? (failing && part ? [ofWhole(whole, part)] : undefined);
}

const IS_NULL: Violation[] = [{ path: '', at: [], value: 'Value null', constraint: NOT_NULL }];

const ofWhole = (whole: unknown, { sensitive, constraint }: Part): Violation => ({
  path: '',
  at: [],
  value: shown(whole, sensitive),
  constraint,
});

function compileList(compiler: Compiler, list: ContractShape): Check {
  const part = partOf(compiler, list.member, list, 'Member must satisfy constraint');
  return (value) => (Array.isArray(value) ? checkItems(value, value, undefined, part) : undefined);
}

function compileMap(compiler: Compiler, map: ContractShape): Check {
  const keys = partOf(compiler, map.key, map, 'Map keys must satisfy constraint');
  const values = partOf(compiler, map.value, map, 'Map value must satisfy constraint');
  const checkKeys: Check = (value) =>
    keys && Object.keys(value as object).some((key) => keys.check(key))
      ? [ofWhole(value, keys)]
      : undefined;
  const checkValues: Check = (value) => {
    const entries = value as Record<string, unknown>;
    return checkItems(value, Object.values(entries), Object.keys(entries), values);
  };
  const check = both(checkKeys, checkValues);
  return (value) => (typeof value === 'object' && value !== null ? check(value) : undefined);
}

/** What Java's int and long hold, which integers are to AWS whatever else the contract says of them. */
const LARGEST: Partial<Record<ContractShape['type'], number>> = {
  integer: 2 ** 31 - 1,
  long: 2 ** 63,
};

/** @throws AwsError SerializationException for a number that the shape's type in Java does not hold */
function checkWhole(value: number, largest: number): void {
  if (!Number.isInteger(value) || Math.abs(value) > largest)
    throw new AwsError('SerializationException', 'NUMBER_VALUE can not be converted to an Integer');
}

/** The limits that a value itself has to keep. A value of another type than the shape's is the decoder's business. */
function compileLimits(shape: ContractShape): Check {
  const { min = -Infinity, max = Infinity } = shape;
  const largest = LARGEST[shape.type];
  const texts = constraintTexts(shape);
  const allowed = shape.enum && new Set(shape.enum);
  const pattern = shape.pattern === undefined ? undefined : compileJavaPattern(shape.pattern);
  const measure = isNumeric(shape) ? (value: unknown) => value as number : sizeOf;
  return (value) => {
    const size = measure(value);
    if (largest !== undefined && typeof value === 'number') checkWhole(value, largest);
    const failed: string[] = [];
    if (size > max) failed.push(texts.max);
    if (size < min) failed.push(texts.min);
    if (typeof value === 'string') {
      if (pattern && !pattern.test(value)) failed.push(texts.pattern);
      if (allowed && !allowed.has(value)) failed.push(texts.enum);
    }
    if (failed.length === 0) return undefined;
    const text = shown(value, !!shape.sensitive);
    return failed.map((constraint) => ({ path: '', at: [], value: text, constraint }));
  };
}

/** Characters (UTF-16 units, as Java counts), bytes, elements or entries. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array)
    return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : Number.NaN;
}
