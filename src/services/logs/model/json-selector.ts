import { ownValue } from '../../../lib/own.ts';
import { compileWildcard } from '../../../lib/wildcard.ts';
import { compileExpression } from './expression.ts';
import { type Filter, FilterPatternError } from './matcher.ts';

type Condition = (root: unknown) => boolean;

/**
 * `{ ($.level = "ERROR") && ($.latency >= 100 || $.user NOT EXISTS) }`. Messages that are no JSON do not match.
 * @throws FilterPatternError
 */
export function parseJsonSelector(pattern: string): Omit<Filter, 'passes'> {
  const tokens = tokenize(pattern);
  checkQuotas(tokens);
  const parser = new Parser(tokens);
  parser.expect('{');
  const condition = parser.either();
  parser.expect('}');
  parser.expectEnd();
  const paths = [...new Set(tokens.flatMap(({ kind, text }) => (kind === 'path' ? text : [])))];
  return {
    matches(message) {
      const document = documentOf(message);
      return document !== undefined && condition(document);
    },
    extract: (message) =>
      new Map(
        paths.flatMap((path) => {
          const found = readPath(path)?.(message);
          return found === undefined ? [] : [[path, found] as const];
        }),
      ),
    reader: readPath,
  };
}

/** The document that a message is, if it is one. */
function documentOf(message: string): object | undefined {
  const start = message.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return undefined;
  try {
    return JSON.parse(message) as object;
  } catch {
    return undefined;
  }
}

const PATH = /^\$(?:\.[\w-]+|\[[^\]]+\])+$/;

/** Reads what a path such as `$.latency` selects of a message, as text; undefined for what is no path. */
export function readPath(path: string): ((message: string) => string | undefined) | undefined {
  if (!PATH.test(path)) return undefined;
  const select = selector(path);
  return (message) => {
    const document = documentOf(message);
    const [value] = document === undefined ? [] : select(document);
    if (value === undefined || value === null) return undefined;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
}

/**
 * How often a pattern may look at all of a document.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
const MAX_EXPRESSIONS = 2;
const MAX_WILDCARDS = 3;
const MAX_WILDCARDS_OF_SELECTOR = 1;

function checkQuotas(tokens: Token[]): void {
  const expressions = tokens.filter(({ kind }) => kind === 'expression').length;
  const wildcards = tokens.map(({ kind, text }) =>
    kind === 'path' ? stepsOf(text).filter((step) => step === '*').length : 0,
  );
  if (
    expressions > MAX_EXPRESSIONS ||
    wildcards.some((count) => count > MAX_WILDCARDS_OF_SELECTOR) ||
    wildcards.reduce((sum, count) => sum + count, 0) > MAX_WILDCARDS
  )
    throw new FilterPatternError('Invalid filter pattern');
}

const TOKEN =
  /\s*(?:(\{|\}|\(|\)|&&|\|\||!=|>=|<=|=|>|<)|("(?:[^"\\]|\\.)*")|(%(?:[^%\\]|\\.)*%)|(\$(?:\.[\w-]+|\[[^\]]+\]|\.\*)+)|([^\s(){}=<>!&|"]+))/y;

interface Token {
  kind: 'sign' | 'text' | 'expression' | 'path' | 'word';
  text: string;
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const source = pattern.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (!match) throw new FilterPatternError('Invalid filter pattern');
    const [, sign, text, expression, path, word] = match;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (text !== undefined)
      tokens.push({ kind: 'text', text: text.slice(1, -1).replaceAll(/\\(.)/g, '$1') });
    else if (expression !== undefined)
      tokens.push({ kind: 'expression', text: expression.slice(1, -1) });
    else if (path !== undefined) tokens.push({ kind: 'path', text: path });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

class Parser {
  #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw new FilterPatternError('Invalid filter pattern');
    return token;
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (!token || token.kind === 'text' || token.text.toUpperCase() !== text) return false;
    this.#at++;
    return true;
  }

  expect(sign: string): void {
    if (!this.#accept(sign)) throw new FilterPatternError('Invalid filter pattern');
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw new FilterPatternError('Invalid filter pattern');
  }

  either(): Condition {
    const parts = [this.#both()];
    while (this.#accept('||')) parts.push(this.#both());
    return (root) => parts.some((part) => part(root));
  }

  #both(): Condition {
    const parts = [this.#single()];
    while (this.#accept('&&')) parts.push(this.#single());
    return (root) => parts.every((part) => part(root));
  }

  #single(): Condition {
    if (this.#accept('(')) {
      const inner = this.either();
      this.expect(')');
      return inner;
    }
    const path = this.#next();
    if (path.kind !== 'path') throw new FilterPatternError('Invalid filter pattern');
    const values = selector(path.text);
    if (this.#accept('NOT')) {
      this.expect('EXISTS');
      return (root) => values(root).length === 0;
    }
    if (this.#accept('IS')) return this.#is(values);
    return compare(values, this.#next(), this.#next());
  }

  #is(values: (root: unknown) => unknown[]): Condition {
    const word = this.#next().text.toUpperCase();
    const wanted = ownValue<boolean | null>({ NULL: null, TRUE: true, FALSE: false }, word);
    if (wanted === undefined) throw new FilterPatternError('Invalid filter pattern');
    return (root) => values(root).includes(wanted);
  }
}

function stepsOf(path: string): string[] {
  return [...path.matchAll(/\.([\w-]+|\*)|\[(?:"([^"]+)"|'([^']+)'|(\d+|\*))\]/g)].map(
    (m) => m[1] ?? m[2] ?? m[3] ?? m[4] ?? '',
  );
}

/** What a path such as `$.a.b[0]`, `$.list[*].name` selects of a document: nothing, a value, or several. */
function selector(path: string): (root: unknown) => unknown[] {
  const steps = stepsOf(path);
  return (root) => {
    let found = [root];
    for (const step of steps) {
      found = found.flatMap((value) => {
        if (value === null || typeof value !== 'object') return [];
        if (step === '*') return Object.values(value);
        return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
      });
    }
    return found;
  };
}

const ORDERINGS: Record<string, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compare(values: (root: unknown) => unknown[], sign: Token, operand: Token): Condition {
  const order = sign.kind === 'sign' ? ownValue(ORDERINGS, sign.text) : undefined;
  if (!order || operand.kind === 'sign' || operand.kind === 'path')
    throw new FilterPatternError('Invalid filter pattern');
  const number = operand.kind === 'word' ? Number(operand.text) : Number.NaN;
  if (!Number.isNaN(number))
    return (root) => values(root).some((v) => typeof v === 'number' && order(v, number));
  if (sign.text !== '=' && sign.text !== '!=')
    throw new FilterPatternError('Invalid filter pattern');
  const matches =
    operand.kind === 'expression' ? compileExpression(operand.text) : compileWildcard(operand.text);
  // `{ $.latency = * }` is how AWS's documentation takes a number to make a metric of it.
  const takesNumbers = operand.kind === 'word' && operand.text.includes('*');
  const textOf = (v: unknown) => (typeof v === 'number' && takesNumbers ? String(v) : v);
  return (root) =>
    values(root)
      .map(textOf)
      .some((v) => typeof v === 'string' && matches(v) === (sign.text === '='));
}
