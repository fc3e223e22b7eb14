import { FUNCTIONS, finite } from './functions.ts';
import { compilePattern } from './patterns.ts';
import { type Rounding, roundingTo } from './periods.ts';
import type { Row } from './row.ts';
import { type Expression, QueryError } from './syntax.ts';
import { compareValues, Instant, isEqual, isTrue, toNumber, toText, type Value } from './values.ts';

/** What an expression is for a row. */
export type Evaluate = (row: Row) => Value;

/** What expressions have beside the row. */
export interface Circumstances {
  /** When the query began, in epoch milliseconds: `now()`. */
  now: number;
}

/** Makes an expression that can be evaluated often. @throws QueryError */
export function compileExpression(expression: Expression, given: Circumstances): Evaluate {
  const compile = (inner: Expression) => compileExpression(inner, given);
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'field':
      return (row) => row.get(expression.name);
    case 'duration':
      throw new QueryError('a period is not expected here', expression.at);
    case 'minus':
      return negative(compile(expression.operand));
    case 'not':
      return negation(compile(expression.operand));
    case 'binary':
      return binary(expression.operator, compile(expression.left), compile(expression.right));
    case 'like':
      return like(compile(expression.operand), compilePattern(expression.pattern));
    case 'in':
      return membership(compile(expression.operand), expression.list.map(compile));
    case 'call':
      return call(expression, given);
  }
}

function negative(operand: Evaluate): Evaluate {
  return (row) => {
    const number = toNumber(operand(row));
    return number === undefined ? undefined : -number;
  };
}

const negation =
  (operand: Evaluate): Evaluate =>
  (row) =>
    !isTrue(operand(row));

function like(operand: Evaluate, { test }: { test(text: string): boolean }): Evaluate {
  return (row) => {
    const text = toText(operand(row));
    return text !== undefined && test(text);
  };
}

function membership(operand: Evaluate, list: Evaluate[]): Evaluate {
  return (row) => {
    const value = operand(row);
    return list.some((each) => isEqual(value, each(row)));
  };
}

const ARITHMETIC = new Map<string, (a: number, b: number) => number>([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
  ['^', (a, b) => a ** b],
]);
const ORDERINGS = new Map<string, (order: number) => boolean>([
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
]);

function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'and') return (row) => isTrue(left(row)) && isTrue(right(row));
  if (operator === 'or') return (row) => isTrue(left(row)) || isTrue(right(row));
  if (operator === '=') return (row) => isEqual(left(row), right(row));
  if (operator === '!=') return (row) => !isEqual(left(row), right(row));
  const ordering = ORDERINGS.get(operator);
  if (ordering)
    return (row) => {
      const order = compareValues(left(row), right(row));
      return order !== undefined && ordering(order);
    };
  const compute = ARITHMETIC.get(operator) as (a: number, b: number) => number;
  return (row) => {
    const [a, b] = [toNumber(left(row)), toNumber(right(row))];
    return a === undefined || b === undefined ? undefined : finite(compute(a, b));
  };
}

type Call = Extract<Expression, { kind: 'call' }>;

function call(expression: Call, given: Circumstances): Evaluate {
  const { name, arguments: list, at } = expression;
  if (name === 'now' && list.length === 0) return () => new Instant(given.now);
  if (name === 'bin') return rounding(expression, { kind: 'field', name: '@timestamp' }, given);
  if (name === 'datefloor' || name === 'dateceil') {
    const [time, ...rest] = list;
    if (time) return rounding({ ...expression, arguments: rest }, time, given);
  }
  const found = FUNCTIONS.get(name);
  if (!found) throw new QueryError(`unknown function ${name}`, at);
  if (list.length < found.least || list.length > found.most)
    throw new QueryError(`${list.length} arguments are not what ${name} takes`, at);
  const values = list.map((each) => compileExpression(each, given));
  return (row) => found.apply(values.map((value) => value(row)));
}

/** bin(5m), datefloor(time, 5m), dateceil(time, 5m). */
function rounding(
  { name, arguments: list, at }: Call,
  time: Expression,
  given: Circumstances,
): Evaluate {
  const [period] = list;
  const round = list.length === 1 && period && periodOf(period);
  if (!round) throw new QueryError(`${name} takes a period such as 5m`, at);
  const value = compileExpression(time, given);
  return (row) => {
    const ms = toNumber(value(row));
    return ms === undefined ? undefined : new Instant(round(ms, name === 'dateceil'));
  };
}

function periodOf(period: Expression): Rounding | undefined {
  if (period.kind === 'duration') return roundingTo(period.count, period.unit);
  // bin(1m) may be written bin('1m'), and a number alone is milliseconds.
  if (period.kind !== 'literal') return undefined;
  const [, count, unit = 'ms'] = /^(\d+)\s*([a-z]+)?$/i.exec(String(period.value)) ?? [];
  return count === undefined ? undefined : roundingTo(Number(count), unit);
}
