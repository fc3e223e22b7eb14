import { ownValue } from '../../lib/own.ts';
import { refuse } from './errors.ts';
import { compileValueTest, isObject, onlyKey, type Scalar, type ValueTest } from './value-tests.ts';

/** Is the event one of the pattern's? Takes time linear in the event, whatever the pattern. */
export type Matcher = (event: unknown) => boolean;

/** The look at one event. */
interface Look {
  event: unknown;
  /** By number: is there nothing at this path? Asked at most once each. */
  absent: (boolean | undefined)[];
}

/** @param node what stands at the path in the event, undefined where it ends before */
type NodeTest = (node: unknown, look: Look) => boolean;

/** What is gathered on the way through a pattern. */
interface Compiling {
  absences: number;
  inOr: boolean;
}

const OR = '$or';
/** AWS: "the event pattern is limited to 1000 rule combinations". */
const MAX_COMBINATIONS = 1000;
/** Deeper ones are none that a person or a program writes. */
const MAX_DEPTH = 100;

/** Names that mean something else to AWS's matcher inside `$or`. */
const RESERVED_IN_OR: ReadonlySet<string> = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard'],
  ...['numeric', 'cidr', '=', '<', '<=', '>', '>=', 'regex', 'not-wildcard'],
  ...['not-equals-ignore-case', 'date-after', 'date-on-or-after', 'date-before'],
  ...['date-on-or-before', 'in-date-range', 'ip-address-in-range', 'ip-address-not-in-range'],
]);

/**
 * Compiles an event pattern: exact values, `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, `anything-but`,
 * `numeric`, `cidr`, `exists` and `$or`, as AWS's matcher has them. Arrays of the event match by any of their
 * elements, and fields of one object by the same element.
 * @param pattern as JSON, or what that says
 * @throws PatternError with AWS's reason
 */
export function compilePattern(pattern: unknown): Matcher {
  const read = typeof pattern === 'string' ? parse(pattern) : pattern;
  if (!isObject(read)) return refuse('Filter is not an object');
  if (combinations(read, 0) > MAX_COMBINATIONS)
    refuse(`The pattern has more than ${MAX_COMBINATIONS} combinations of ${OR}`);
  const compiling: Compiling = { absences: 0, inOr: false };
  const test = compileObject(read, [], compiling);
  const { absences } = compiling;
  return (event) => test(event, { event, absent: absences > 0 ? new Array(absences) : NONE });
}

const NONE: Look['absent'] = [];

function parse(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** How many patterns it is without `$or`. */
function combinations(pattern: Record<string, unknown>, depth: number): number {
  if (depth > MAX_DEPTH) refuse(`Objects deeper than ${MAX_DEPTH} are not allowed`);
  let product = 1;
  for (const [name, value] of Object.entries(pattern)) {
    const objects = (name === OR && Array.isArray(value) ? value : [value]).filter(isObject);
    let sum = 0;
    for (const object of objects) sum += combinations(object, depth + 1);
    product = Math.min(product * Math.max(1, sum), MAX_COMBINATIONS + 1);
  }
  return product;
}

function compileObject(
  pattern: Record<string, unknown>,
  path: readonly string[],
  compiling: Compiling,
): NodeTest {
  const entries = Object.entries(pattern);
  if (entries.length === 0) refuse('Empty objects are not allowed');
  const tests = entries.map(([name, value]) => compileMember(name, value, path, compiling));
  const one = (node: unknown, look: Look) => {
    for (const test of tests) if (!test(node, look)) return false;
    return true;
  };
  return (node, look) => (Array.isArray(node) ? anyElement(node, look, one) : one(node, look));
}

/** An array without elements is as if nothing were there. */
function anyElement(array: unknown[], look: Look, test: NodeTest): boolean {
  let elements = 0;
  for (const element of elementsOf(array)) {
    elements++;
    if (test(element, look)) return true;
  }
  return elements === 0 && test(undefined, look);
}

/** The elements of an array, and of the arrays in it. */
function* elementsOf(array: readonly unknown[]): Generator<unknown> {
  const open = [array[Symbol.iterator]()];
  for (let innermost = open.at(-1); innermost; innermost = open.at(-1)) {
    const { done, value } = innermost.next();
    if (done) open.pop();
    else if (Array.isArray(value)) open.push(value[Symbol.iterator]());
    else yield value;
  }
}

function compileMember(
  name: string,
  value: unknown,
  path: readonly string[],
  compiling: Compiling,
): NodeTest {
  if (name === OR) return compileOr(value, path, compiling);
  if (compiling.inOr && RESERVED_IN_OR.has(name))
    refuse(`${name} is Ruler reserved fieldName which cannot be used inside ${OR}.`);
  const inner = [...path, name];
  const test = Array.isArray(value)
    ? compileList(value, inner, compiling)
    : compileObject(
        isObject(value) ? value : refuse(`"${name}" must be an object or an array`),
        inner,
        compiling,
      );
  return (node, look) => test(isObject(node) ? ownValue(node, name) : undefined, look);
}

function compileOr(value: unknown, path: readonly string[], compiling: Compiling): NodeTest {
  if (!Array.isArray(value)) return refuse(`It must be an Array followed with ${OR}.`);
  const inOr = { ...compiling, inOr: true };
  const tests = value.map((each) => {
    if (!isObject(each))
      return refuse(`Only JSON object is allowed in array of ${OR} relationship.`);
    return compileObject(each, path, inOr);
  });
  compiling.absences = inOr.absences;
  if (tests.length < 2) refuse(`There must have at least 2 Objects in ${OR} relationship.`);
  return (node, look) => tests.some((test) => test(node, look));
}

/** A list of values and expressions, one of which must be true of a value in the event. */
function compileList(
  list: readonly unknown[],
  path: readonly string[],
  compiling: Compiling,
): NodeTest {
  if (list.length === 0) refuse('Empty arrays are not allowed');
  const values = new Set<unknown>();
  const tests: ValueTest[] = [];
  let absence: number | undefined;
  for (const each of list) {
    if (!isObject(each)) values.add(scalar(each));
    else if (!Object.hasOwn(each, 'exists')) tests.push(compileValueTest(each));
    else if (existence(each)) tests.push(() => true);
    else absence ??= compiling.absences++;
  }
  const test = anyOf(values, tests);
  const present: NodeTest = (node) => matchesValue(node, test);
  if (absence === undefined) return present;
  const number = absence;
  return (node, look) => present(node, look) || isAbsent(look, number, path);
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || (typeof value !== 'object' && value !== undefined);

const scalar = (value: unknown): Scalar =>
  isScalar(value) ? value : refuse('Match value must be String, number, true, false, or null');

function existence(expression: Record<string, unknown>): boolean {
  const [, given] = onlyKey(expression, '');
  return typeof given === 'boolean'
    ? given
    : refuse('exists match pattern must be either true or false.');
}

function anyOf(values: ReadonlySet<unknown>, tests: readonly ValueTest[]): ValueTest {
  const [only] = values;
  if (tests.length === 0 && values.size === 1) return (value) => value === only;
  if (tests.length === 0) return (value) => values.has(value);
  return (value) => values.has(value) || tests.some((test) => test(value));
}

function matchesValue(node: unknown, test: ValueTest): boolean {
  if (!Array.isArray(node)) return isScalar(node) && test(node);
  for (const element of elementsOf(node)) if (isScalar(element) && test(element)) return true;
  return false;
}

/** Is there no value at the path in the whole event, whichever element of an array is looked at? */
function isAbsent(look: Look, number: number, path: readonly string[]): boolean {
  look.absent[number] ??= !hasValue(look.event, path);
  return look.absent[number];
}

function hasValue(node: unknown, path: readonly string[]): boolean {
  if (Array.isArray(node)) {
    for (const element of elementsOf(node)) if (hasValue(element, path)) return true;
    return false;
  }
  const [name, ...rest] = path;
  if (name === undefined) return isScalar(node);
  return isObject(node) && hasValue(ownValue(node, name), rest);
}
