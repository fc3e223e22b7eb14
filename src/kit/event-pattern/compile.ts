import { isExactNumber } from '../../lib/exact-json.ts';
import { ownValue } from '../../lib/own.ts';
import { ask, askOneOf, type Branch, nothing, OR } from './branches.ts';
import { refuse } from './errors.ts';
import { Members, plainOf, readMembers } from './members.ts';
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
  /** Paths at which nothing may be, by number. */
  absences: Map<string, number>;
  inOr: boolean;
}

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
 * elements, and fields of one object by the same element. Of two values at one path, which only `$or` and names that come
 * twice bring about, the last counts.
 * @param pattern as JSON, or what that says
 * @throws PatternError with AWS's reason
 */
export function compilePattern(pattern: unknown): Matcher {
  const read = readMembers(pattern);
  if (!(read instanceof Members)) return refuse('Filter is not an object');
  if (combinations(read, 0) > MAX_COMBINATIONS)
    refuse(`The pattern has more than ${MAX_COMBINATIONS} combinations of ${OR}`);
  const compiling: Compiling = { absences: new Map(), inOr: false };
  const branch = nothing<NodeTest>();
  addMembers(branch, read, [], compiling);
  const test = testOf(branch);
  const { size } = compiling.absences;
  return (event) => test(event, { event, absent: size > 0 ? new Array(size) : NONE });
}

const NONE: Look['absent'] = [];

/** How many patterns it is without `$or`. */
function combinations({ entries }: Members, depth: number): number {
  if (depth > MAX_DEPTH) refuse(`Objects deeper than ${MAX_DEPTH} are not allowed`);
  let product = 1;
  for (const [name, value] of entries) {
    const objects = (name === OR && Array.isArray(value) ? value : [value]).filter(isMembers);
    let sum = 0;
    for (const object of objects) sum += combinations(object, depth + 1);
    product = Math.min(product * Math.max(1, sum), MAX_COMBINATIONS + 1);
  }
  return product;
}

const isMembers = (value: unknown): value is Members => value instanceof Members;

function addMembers(
  branch: Branch<NodeTest>,
  { entries }: Members,
  path: readonly string[],
  compiling: Compiling,
): void {
  if (entries.length === 0) refuse('Empty objects are not allowed');
  for (const [name, value] of entries) {
    if (name === OR) addOr(branch, value, path, compiling);
    else addMember(branch, name, value, path, compiling);
  }
}

function addMember(
  branch: Branch<NodeTest>,
  name: string,
  value: unknown,
  path: readonly string[],
  compiling: Compiling,
): void {
  if (compiling.inOr && RESERVED_IN_OR.has(name))
    refuse(`${name} is Ruler reserved fieldName which cannot be used inside ${OR}.`);
  const inner = [...path, name];
  if (Array.isArray(value)) {
    const leaf = compileList(value.map(plainOf), inner, compiling);
    ask(branch, name, (asked) => {
      asked.leaf = leaf;
    });
  } else {
    const members = isMembers(value) ? value : refuse(`"${name}" must be an object or an array`);
    ask(branch, name, (asked) => {
      asked.object ??= nothing();
      addMembers(asked.object, members, inner, compiling);
    });
  }
}

function addOr(
  branch: Branch<NodeTest>,
  value: unknown,
  path: readonly string[],
  compiling: Compiling,
): void {
  const written = Array.isArray(value)
    ? value.map((each) =>
        isMembers(each)
          ? each
          : refuse(`Only JSON object is allowed in array of ${OR} relationship.`),
      )
    : refuse(`It must be an Array followed with ${OR}.`);
  const inOr = { ...compiling, inOr: true };
  askOneOf(branch, written, (one, members) => addMembers(one, members, path, inOr));
  if (written.length < 2) refuse(`There must have at least 2 Objects in ${OR} relationship.`);
}

/** The elements of an array are judged one by one, by all that is asked of one object. */
function testOf(branch: Branch<NodeTest>): NodeTest {
  return ofEach(elementTest(branch));
}

const ofEach =
  (test: NodeTest): NodeTest =>
  (node, look) =>
    Array.isArray(node) ? anyElement(node, look, test) : test(node, look);

function elementTest({ members, ors }: Branch<NodeTest>): NodeTest {
  const tests: NodeTest[] = [];
  for (const [name, { leaf, object }] of members) {
    const test = bothOf(leaf, object && elementTest(object));
    tests.push((node, look) => test(isObject(node) ? ownValue(node, name) : undefined, look));
  }
  for (const branches of ors) {
    const each = branches.map(elementTest);
    tests.push((node, look) => each.some((test) => test(node, look)));
  }
  return (node, look) => {
    for (const test of tests) if (!test(node, look)) return false;
    return true;
  };
}

function bothOf(leaf: NodeTest | undefined, object: NodeTest | undefined): NodeTest {
  if (!object) return leaf ?? (() => true);
  return ofEach(leaf ? (node, look) => leaf(node, look) && object(node, look) : object);
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
    else absence ??= numberOf(compiling.absences, path);
  }
  const test = anyOf(values, tests);
  const present: NodeTest = (node) => matchesValue(node, test);
  if (absence === undefined) return present;
  const number = absence;
  return (node, look) => present(node, look) || isAbsent(look, number, path);
}

function numberOf(absences: Map<string, number>, path: readonly string[]): number {
  const key = JSON.stringify(path);
  const number = absences.get(key) ?? absences.size;
  absences.set(key, number);
  return number;
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
  if (!Array.isArray(node)) return holds(node, test);
  for (const element of elementsOf(node)) if (holds(element, test)) return true;
  return false;
}

function holds(node: unknown, test: ValueTest): boolean {
  if (isScalar(node)) return test(node);
  return isExactNumber(node) && test(Number(node.rawJSON));
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
  if (name === undefined) return isScalar(node) || isExactNumber(node);
  return isObject(node) && hasValue(ownValue(node, name), rest);
}
