const OPERATORS = ['OR', 'AND', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '^'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A metric math expression as a tree. */
export type Node =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'name'; name: string }
  | { type: 'array'; items: Node[] }
  | { type: 'call'; name: string; args: Node[] }
  | { type: 'negative'; of: Node }
  | { type: 'binary'; operator: Operator; left: Node; right: Node };

/** An expression that cannot be read or worked out: what is wrong with it. */
export class ExpressionError extends Error {}

interface Token {
  kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  text: string;
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|'([^']*)'|"([^"]*)"|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new ExpressionError(`Unexpected character: ${text.slice(at).trim()[0]}`);
    at = TOKEN.lastIndex;
    const [, number, name, single, double, sign] = found;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push(wordToken(name));
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: spelled(sign) });
    else tokens.push({ kind: 'text', text: single ?? double ?? '' });
  }
  tokens.push({ kind: 'end', text: 'the end' });
  return tokens;
}

const wordToken = (name: string): Token =>
  /^(and|or)$/i.test(name)
    ? { kind: 'sign', text: name.toUpperCase() }
    : { kind: 'name', text: name };
const spelled = (sign: string) => (sign === '&&' ? 'AND' : sign === '||' ? 'OR' : sign);

/** Loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR'],
  ['AND'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];
/** So deep may parentheses and signs be nested: the reader calls itself for each. */
const DEEPEST = 100;

/** @throws ExpressionError for what is no expression */
export function parseExpression(text: string): Node {
  const reader = new Reader(tokensOf(text));
  const node = reader.expression();
  reader.end();
  return node;
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end' };
  }

  #takes(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expects(sign: string): void {
    if (!this.#takes(sign)) throw new ExpressionError(`Expected ${sign} at ${this.#peek().text}`);
  }

  end(): void {
    const { kind, text } = this.#peek();
    if (kind !== 'end') throw new ExpressionError(`Unexpected ${text}`);
  }

  expression(level = 0): Node {
    const signs = LEVELS[level];
    if (!signs) return this.#power();
    let left = this.expression(level + 1);
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind !== 'sign' || !signs.includes(text)) return left;
      this.#at += 1;
      left = {
        type: 'binary',
        operator: text as Operator,
        left,
        right: this.expression(level + 1),
      };
    }
  }

  #power(): Node {
    const base = this.#signed();
    if (!this.#takes('^')) return base;
    return { type: 'binary', operator: '^', left: base, right: this.#nested(() => this.#power()) };
  }

  #signed(): Node {
    if (this.#takes('-')) return { type: 'negative', of: this.#nested(() => this.#signed()) };
    if (this.#takes('+')) return this.#nested(() => this.#signed());
    return this.#simple();
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ExpressionError('The expression is nested too deeply');
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #simple(): Node {
    const token = this.#peek();
    if (this.#takes('(')) {
      const inner = this.#nested(() => this.expression());
      this.#expects(')');
      return inner;
    }
    if (this.#takes('[')) return { type: 'array', items: this.#list(']') };
    this.#at += 1;
    if (token.kind === 'number') return { type: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { type: 'text', value: token.text };
    if (token.kind !== 'name') throw new ExpressionError(`Unexpected ${token.text}`);
    if (!this.#takes('(')) return { type: 'name', name: token.text };
    return { type: 'call', name: token.text.toUpperCase(), args: this.#list(')') };
  }

  #list(close: string): Node[] {
    const items: Node[] = [];
    if (this.#takes(close)) return items;
    do items.push(this.#nested(() => this.expression()));
    while (this.#takes(','));
    this.#expects(close);
    return items;
  }
}

/** The names that an expression uses, without those of functions. */
export function namesIn(node: Node): string[] {
  return [...walk(node)].flatMap((each) => (each.type === 'name' ? [each.name] : []));
}

export function* walk(node: Node): Generator<Node> {
  yield node;
  if (node.type === 'array') for (const item of node.items) yield* walk(item);
  if (node.type === 'call') for (const arg of node.args) yield* walk(arg);
  if (node.type === 'negative') yield* walk(node.of);
  if (node.type === 'binary') {
    yield* walk(node.left);
    yield* walk(node.right);
  }
}
