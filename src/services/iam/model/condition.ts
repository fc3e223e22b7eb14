import { BlockList, isIP } from 'node:net';
import { ownValue } from '../../../lib/own.ts';
import { MalformedPolicy } from './malformed.ts';
import {
  type Context,
  literal,
  matches,
  matchesArn,
  type Pattern,
  parsePattern,
} from './pattern.ts';

/** One line of a Condition block: an operator, a key, and the values it is held against. */
export interface Condition {
  /** In lower case, without set prefix and IfExists: `stringlike`. */
  operator: string;
  set?: 'all' | 'any';
  ifExists: boolean;
  /** In lower case: `aws:username`. */
  key: string;
  values: Pattern[];
}

/**
 * Keys whose values are names that who owns them takes in any case: a repository of a provider's is the same by `Me/App` and by
 * `me/app`, and a denial of the one must not let the other pass.
 */
const IN_ANY_CASE = /^code(?:star-)?connections:fullrepositoryid$/;

function inLowerCase(context: Context): Context {
  const lower = (value: string) => value.toLowerCase();
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      key,
      typeof value === 'string' ? lower(value) : value?.map(lower),
    ]),
  );
}

/** Does one value of the request meet one value of the policy? */
type Test = (actual: string, wanted: Pattern, context: Context) => boolean;

const exact: Test = (actual, wanted, context) => literal(wanted, context) === actual;
const ignoringCase: Test = (actual, wanted, context) =>
  literal(wanted, context)?.toLowerCase() === actual.toLowerCase();

function compare(read: (text: string) => number, test: (a: number, b: number) => boolean): Test {
  return (actual, wanted, context) => {
    const [a, b] = [read(actual), read(literal(wanted, context) ?? '')];
    return !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };
}

function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** ISO 8601 or seconds since the epoch. */
function date(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

const inNetwork: Test = (actual, wanted, context) => {
  const [address = '', prefix] = (literal(wanted, context) ?? '').split('/');
  const family = isIP(address);
  const plain = actual.replace(/^::ffff:(?=\d+\.)/, '');
  if (family === 0 || isIP(plain) !== family) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const longest = family === 4 ? 32 : 128;
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))
    return false;
  list.addSubnet(address, Number(prefix ?? longest), type);
  return list.check(plain, type);
};

const POSITIVE: Record<string, Test> = {
  stringequals: exact,
  stringequalsignorecase: ignoringCase,
  stringlike: (actual, wanted, context) => matches(wanted, actual, context),
  numericequals: compare(number, (a, b) => a === b),
  numericlessthan: compare(number, (a, b) => a < b),
  numericlessthanequals: compare(number, (a, b) => a <= b),
  numericgreaterthan: compare(number, (a, b) => a > b),
  numericgreaterthanequals: compare(number, (a, b) => a >= b),
  dateequals: compare(date, (a, b) => a === b),
  datelessthan: compare(date, (a, b) => a < b),
  datelessthanequals: compare(date, (a, b) => a <= b),
  dategreaterthan: compare(date, (a, b) => a > b),
  dategreaterthanequals: compare(date, (a, b) => a >= b),
  bool: ignoringCase,
  binaryequals: exact,
  ipaddress: inNetwork,
  // AWS: ArnEquals and ArnLike behave identically.
  arnequals: (actual, wanted, context) => matchesArn(wanted, actual, context),
  arnlike: (actual, wanted, context) => matchesArn(wanted, actual, context),
};

/** Operators that hold when no value of the policy matches, and the one that they deny. */
const NEGATIVE: Record<string, string> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  numericnotequals: 'numericequals',
  datenotequals: 'dateequals',
  notipaddress: 'ipaddress',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
};

/** Reads a Condition block. @throws MalformedPolicy */
export function parseConditions(block: unknown, variables: boolean): Condition[] {
  if (block === undefined) return [];
  if (!isObject(block)) throw new MalformedPolicy('Syntax errors in policy.');
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw new MalformedPolicy('Syntax errors in policy.');
    const form = readOperator(operator);
    return Object.entries(keys).map(([name, value]) => {
      const key = name.toLowerCase();
      const texts = readValues(value);
      const read = IN_ANY_CASE.test(key) ? texts.map((text) => text.toLowerCase()) : texts;
      return { ...form, key, values: read.map((text) => parsePattern(text, variables)) };
    });
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readOperator(text: string): Pick<Condition, 'operator' | 'set' | 'ifExists'> {
  const match = /^(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?$/.exec(text.toLowerCase());
  const operator = match?.[2] ?? '';
  const known = ownValue(POSITIVE, operator) || ownValue(NEGATIVE, operator);
  if (!known && (operator !== 'null' || match?.[3]))
    throw new MalformedPolicy(`Invalid Condition type : ${text}.`);
  const set =
    match?.[1] === 'forallvalues' ? 'all' : match?.[1] === 'foranyvalue' ? 'any' : undefined;
  return { operator, set, ifExists: match?.[3] !== undefined };
}

function readValues(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'number' || typeof item === 'boolean') return String(item);
    throw new MalformedPolicy('Syntax errors in policy.');
  });
}

/**
 * Does the request meet the condition?
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function holds(condition: Condition, given: Context): boolean {
  const { operator, set, values, ifExists } = condition;
  const context = IN_ANY_CASE.test(condition.key) ? inLowerCase(given) : given;
  const found = ownValue(context, condition.key);
  const actual = found === undefined ? [] : typeof found === 'string' ? [found] : found;
  if (operator === 'null') {
    const wantsNone = values.some((value) => literal(value, context)?.toLowerCase() === 'true');
    return wantsNone === (actual.length === 0);
  }
  const denied = ownValue(NEGATIVE, operator);
  const test = ownValue(POSITIVE, denied ?? operator) as Test;
  const meets = (one: string) => values.some((value) => test(one, value, context));
  // Without a value: a set operator for all holds, one for any does not, and a denial holds.
  if (actual.length === 0)
    return ifExists || set === 'all' || (set === undefined && denied !== undefined);
  if (set === 'all') return actual.every((one) => meets(one) === (denied === undefined));
  if (set === 'any') return actual.some((one) => meets(one) === (denied === undefined));
  return actual.some(meets) === (denied === undefined);
}
