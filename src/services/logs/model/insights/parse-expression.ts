import type { Lexer, Token } from './lexer.ts';
import type { Expression, Pattern, QueryError } from './syntax.ts';

/** What reading an expression needs of the parser. */
export interface TokenReader {
  lexer: Lexer;
  accept(text: string): boolean;
  expect(text: string): void;
  unexpected(token?: Token): QueryError;
  nested<T>(read: () => T): T;
  listOf<T>(read: () => T): T[];
  pattern(what: 'glob' | 'like'): Pattern;
}

const COMPARISONS = ['=', '==', '!=', '<', '<=', '>', '>='];
const not = (operand: Expression): Expression => ({ kind: 'not', operand });

/** Reads an expression: `or` binds least, then `and`, `not`, comparisons, `+ -`, `* / %`, `^`. @throws QueryError */
export function parseExpressionOf(reader: TokenReader): Expression {
  return reader.nested(() => leftToRight(reader, ['or'], both));
}

const both = (reader: TokenReader) => leftToRight(reader, ['and'], negation);
const sum = (reader: TokenReader) => leftToRight(reader, ['+', '-'], product);
const product = (reader: TokenReader) => leftToRight(reader, ['*', '/', '%'], power);

function leftToRight(
  reader: TokenReader,
  operators: string[],
  operand: (reader: TokenReader) => Expression,
): Expression {
  let left = operand(reader);
  for (;;) {
    const operator = operators.find((each) => reader.accept(each));
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: operand(reader) };
  }
}

function negation(reader: TokenReader): Expression {
  if (!reader.accept('not')) return comparison(reader);
  return reader.nested(() => not(negation(reader)));
}

function comparison(reader: TokenReader): Expression {
  const left = sum(reader);
  const operator = COMPARISONS.find((each) => reader.accept(each));
  if (operator !== undefined)
    return {
      kind: 'binary',
      operator: operator === '==' ? '=' : operator,
      left,
      right: sum(reader),
    };
  if (reader.accept('=~')) return { kind: 'like', operand: left, pattern: reader.pattern('like') };
  const negated = reader.accept('not');
  const found = membership(reader, left);
  if (found) return negated ? not(found) : found;
  if (negated) throw reader.unexpected();
  return left;
}

function membership(reader: TokenReader, operand: Expression): Expression | undefined {
  if (reader.accept('like')) return { kind: 'like', operand, pattern: reader.pattern('like') };
  if (!reader.accept('in')) return undefined;
  const close = reader.accept('(') ? ')' : ']';
  if (close === ']') reader.expect('[');
  const list = reader.accept(close) ? [] : reader.listOf(() => sum(reader));
  if (list.length > 0) reader.expect(close);
  return { kind: 'in', operand, list };
}

function power(reader: TokenReader): Expression {
  const left = unary(reader);
  if (!reader.accept('^')) return left;
  return reader.nested(() => ({ kind: 'binary', operator: '^', left, right: power(reader) }));
}

function unary(reader: TokenReader): Expression {
  if (!reader.accept('-')) return primary(reader);
  return reader.nested(() => ({ kind: 'minus', operand: unary(reader) }));
}

/** What stands alone: a field, a constant, a call, or what is in brackets. @throws QueryError */
export function primary(reader: TokenReader): Expression {
  if (reader.accept('(')) {
    const inner = parseExpressionOf(reader);
    reader.expect(')');
    return inner;
  }
  const token = reader.lexer.next();
  if (token.kind === 'string') return { kind: 'literal', value: token.text };
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'duration') return duration(token);
  if (token.kind === 'quoted-word') return { kind: 'field', name: token.text };
  if (token.kind !== 'word') throw reader.unexpected(token);
  if (reader.accept('(')) return call(reader, token);
  const constant = token.text.toLowerCase();
  if (constant === 'true' || constant === 'false')
    return { kind: 'literal', value: constant === 'true' };
  return { kind: 'field', name: token.text };
}

function duration(token: Token): Expression {
  const [, count = '', unit = ''] = /^([\d.]+)(.*)$/.exec(token.text) ?? [];
  return { kind: 'duration', count: Number(count), unit, at: token };
}

function call(reader: TokenReader, name: Token): Expression {
  const at = { start: name.start, end: name.end };
  const made = (list: Expression[]): Expression => ({
    kind: 'call',
    name: name.text.toLowerCase(),
    arguments: list,
    at,
  });
  if (reader.accept(')')) return made([]);
  // count(*)
  if (reader.accept('*')) {
    reader.expect(')');
    return made([]);
  }
  const list = reader.listOf(() => parseExpressionOf(reader));
  reader.expect(')');
  return made(list);
}
