import { compileNetwork } from './address.ts';
import { refuse } from './errors.ts';
import { FOLDED_TESTS, TEXT_TESTS, type TextTest, type TextTestName } from './text.ts';

/** What stands at the end of a path in an event. */
export type Scalar = string | number | boolean | null;
export type ValueTest = (value: Scalar) => boolean;

const ONE_KEY = 'Only one key allowed in match expression';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ofText =
  (test: TextTest): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value);

/** A test of one value by its name in patterns: `{"prefix": "a"}`. @throws PatternError */
const VALUE_TESTS: ReadonlyMap<string, (given: unknown) => ValueTest> = new Map<
  string,
  (given: unknown) => ValueTest
>([
  ['exactly', (given) => equalTo(text(given, 'exact match pattern must be a string'))],
  ['prefix', (given) => affix('prefix', given)],
  ['suffix', (given) => affix('suffix', given)],
  ['equals-ignore-case', (given) => textTest('equals-ignore-case', given)],
  ['wildcard', (given) => textTest('wildcard', given)],
  ['cidr', (given) => ofText(compileNetwork(text(given, 'prefix match pattern must be a string')))],
  ['numeric', numeric],
  ['anything-but', anythingBut],
]);

/** Reads a match expression other than `exists`. @throws PatternError */
export function compileValueTest(expression: Record<string, unknown>): ValueTest {
  const [name, given] = onlyKey(expression, 'Match expression name not found');
  const compile = VALUE_TESTS.get(name) ?? refuse(`Unrecognized match type ${name}`);
  return compile(given);
}

/** The one member of an expression. @throws PatternError */
export function onlyKey(
  expression: Record<string, unknown>,
  none: string,
): [name: string, given: unknown] {
  const [first, ...more] = Object.entries(expression);
  if (more.length > 0) refuse(ONE_KEY);
  return first ?? refuse(none);
}

const equalTo =
  (asked: string): ValueTest =>
  (value) =>
    value === asked;

function text(given: unknown, otherwise: string): string {
  return typeof given === 'string' ? given : refuse(otherwise);
}

const textTest = (name: TextTestName, given: unknown): ValueTest =>
  ofText(TEXT_TESTS[name](text(given, `${name} match pattern must be a string`)));

/** `{"prefix": "a"}` or `{"prefix": {"equals-ignore-case": "A"}}`. */
function affix(name: 'prefix' | 'suffix', given: unknown): ValueTest {
  if (!isObject(given)) return textTest(name, given);
  const title = name === 'prefix' ? 'Prefix' : 'Suffix';
  const [how, asked] = onlyKey(given, `${title} expression name not found`);
  if (how !== 'equals-ignore-case') refuse(`Unsupported ${name} pattern: ${how}`);
  return ofText(FOLDED_TESTS[name](text(asked, `${how} match pattern must be a string`)));
}

const BUT_WHAT = 'Value of anything-but must be an array or single string/number value.';
const BUT_LIST = 'Inside anything but list, start|null|boolean is not supported.';
const BUT_MIXED =
  'Inside anything but list, either all values are number or string, mixed type is not supported';

function anythingBut(given: unknown): ValueTest {
  if (isObject(given)) return anythingButLike(given);
  if (!Array.isArray(given) && typeof given !== 'string' && typeof given !== 'number')
    refuse(BUT_WHAT);
  const values = new Set([given].flat());
  const types = new Set([...values].map((value) => typeof value));
  if ([...types].some((type) => type !== 'string' && type !== 'number')) refuse(BUT_LIST);
  if (types.size !== 1) refuse(BUT_MIXED);
  return (value) => !values.has(value);
}

/** `{"anything-but": {"prefix": "a"}}`, and the like with a list. */
function anythingButLike(expression: Record<string, unknown>): ValueTest {
  const [name, given] = onlyKey(expression, 'Anything-But expression name not found');
  const compile = Object.hasOwn(TEXT_TESTS, name)
    ? TEXT_TESTS[name as TextTestName]
    : refuse(`Unsupported anything-but pattern: ${name}`);
  if (!Array.isArray(given) && typeof given !== 'string' && typeof given !== 'number')
    refuse(BUT_WHAT);
  const tests = [given].flat().map((asked) => {
    if (typeof asked !== 'string') return refuse(notText(name));
    if (asked === '' && (name === 'prefix' || name === 'suffix'))
      refuse('Null prefix/suffix not allowed');
    return compile(asked);
  });
  return (value) => typeof value !== 'string' || !tests.some((test) => test(value));
}

function notText(name: string): string {
  if (name === 'equals-ignore-case')
    return 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.';
  return name === 'wildcard'
    ? 'wildcard match pattern must be a string'
    : 'prefix/suffix match pattern must be a string';
}

const COMPARISONS: ReadonlyMap<string, (value: number, asked: number) => boolean> = new Map<
  string,
  (value: number, asked: number) => boolean
>([
  ['=', (value, asked) => value === asked],
  ['<', (value, asked) => value < asked],
  ['<=', (value, asked) => value <= asked],
  ['>', (value, asked) => value > asked],
  ['>=', (value, asked) => value >= asked],
]);

/** `["=", 5]`, `[">", 0]`, or a range, the bottom first: `[">", 0, "<=", 5]`. */
function numeric(given: unknown): ValueTest {
  if (!Array.isArray(given)) return refuse('Value of numeric must be an array.');
  const [operator, bound, ...rest] = given;
  if (typeof operator !== 'string')
    refuse(`Invalid member in numeric match: ${operator === undefined ? ']' : operator}`);
  const compare = COMPARISONS.get(operator);
  if (!compare) return refuse(`Unrecognized numeric range operator: ${operator}`);
  const called = operator === '=' ? 'equals' : operator;
  if (typeof bound !== 'number') refuse(`Value of ${called} must be numeric`);
  const first = ofNumber((value) => compare(value, bound));
  if (rest.length === 0) return first;
  if (operator !== '>' && operator !== '>=') refuse('Too many elements in numeric expression');
  const second = top(bound, rest);
  return (value) => first(value) && second(value);
}

function top(bottom: number, [operator, bound, ...more]: unknown[]): ValueTest {
  if (typeof operator !== 'string') return refuse(`Bad value in numeric range: ${operator}`);
  const compare = COMPARISONS.get(operator);
  if (!compare || !operator.startsWith('<'))
    return refuse(`Bad numeric range operator: ${operator}`);
  if (typeof bound !== 'number') return refuse(`Value of ${operator} must be numeric`);
  if (more.length > 0) refuse('Too many terms in numeric range expression');
  if (bottom >= bound) refuse('Bottom must be less than top');
  return ofNumber((value) => compare(value, bound));
}

const ofNumber =
  (test: (value: number) => boolean): ValueTest =>
  (value) =>
    typeof value === 'number' && test(value);
