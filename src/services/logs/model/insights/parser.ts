import { Lexer, type Token } from './lexer.ts';
import { parseExpressionOf, primary, type TokenReader } from './parse-expression.ts';
import {
  type Command,
  type Expression,
  type Pattern,
  type Place,
  QueryError,
  type Selected,
  UnsupportedQueryError,
} from './syntax.ts';

/** Commands that AWS knows. Refused by name. */
const UNSERVED = [
  ...['unmask', 'anomaly', 'pattern', 'diff', 'source', 'filterindex', 'join', 'lookup'],
  ...[
    'subqueries',
    'loggroups',
    'relevantfields',
    'compare',
    'forecast',
    'makeresults',
    'addtotals',
  ],
];
/** Ours: as many as a query of 10,000 characters needs. */
const MAX_DEPTH = 100;

/**
 * Reads a query of CloudWatch Logs Insights.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 * @throws QueryError UnsupportedQueryError
 */
export function parseQuery(text: string): Command[] {
  return new Parser(text).commands();
}

class Parser implements TokenReader {
  readonly lexer: Lexer;
  #depth = 0;

  constructor(text: string) {
    this.lexer = new Lexer(text);
  }

  commands(): Command[] {
    const commands: Command[] = [];
    if (this.lexer.peek().kind === 'end') return commands;
    do {
      commands.push(this.#command());
    } while (this.accept('|'));
    if (this.lexer.peek().kind !== 'end') throw this.unexpected();
    return commands;
  }

  unexpected(token: Token = this.lexer.peek()): QueryError {
    const lines = this.lexer.text.slice(0, token.start).split('\n');
    const where = `at line ${lines.length} and position ${(lines.at(-1)?.length ?? 0) + 1}`;
    const what = token.kind === 'end' ? '<EOF>' : this.lexer.text.slice(token.start, token.end);
    return new QueryError(`unexpected symbol found ${what} ${where}`, token);
  }

  /** A word of the language, or a symbol. */
  accept(text: string): boolean {
    const token = this.lexer.peek();
    const is =
      token.kind === 'symbol'
        ? token.text === text
        : token.kind === 'word' && token.text.toLowerCase() === text;
    if (is) this.lexer.next();
    return is;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected();
  }

  /** For what stands in brackets and may hold itself. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw new QueryError('the query is nested too deeply', this.lexer.peek());
    const found = read();
    this.#depth--;
    return found;
  }

  listOf<T>(read: () => T): T[] {
    const list = [read()];
    while (this.accept(',')) list.push(read());
    return list;
  }

  #command(): Command {
    const token = this.lexer.next();
    if (token.kind !== 'word') throw this.unexpected(token);
    switch (token.text.toLowerCase()) {
      case 'fields':
        return { kind: 'fields', selected: this.listOf(() => this.#selected()) };
      case 'display':
        return { kind: 'display', selected: this.listOf(() => this.#selected()) };
      case 'filter':
      case 'where':
        return { kind: 'filter', condition: this.#expression() };
      case 'parse':
        return this.#parse(token);
      case 'stats':
        return this.#stats();
      case 'sort':
      case 'order':
        return this.#sort();
      case 'limit':
      case 'head':
        return this.#limit();
      case 'dedup':
        return { kind: 'dedup', fields: this.listOf(() => this.#field()) };
      case 'unnest':
        return this.#unnest();
    }
    if (UNSERVED.includes(token.text.toLowerCase()))
      throw new UnsupportedQueryError(`the command ${token.text} in queries`);
    throw this.unexpected(token);
  }

  #expression(): Expression {
    return parseExpressionOf(this);
  }

  #selected(): Selected {
    const { start } = this.lexer.peek();
    const expression = this.#expression();
    const typed = this.lexer.text.slice(start, this.lexer.peek().start);
    if (this.accept('as')) return { expression, name: this.#name() };
    const name = expression.kind === 'field' ? expression.name : withoutComments(typed);
    return { expression, name };
  }

  #field(): Expression {
    return { kind: 'field', name: this.#name() };
  }

  #name(): string {
    const token = this.lexer.next();
    if (token.kind !== 'word' && token.kind !== 'quoted-word') throw this.unexpected(token);
    return token.text;
  }

  #parse(at: Place): Command {
    // The text that is parsed is @message unless told.
    const { kind } = this.lexer.peek();
    const named = kind === 'word' || kind === 'quoted-word';
    const source: Expression = named ? primary(this) : { kind: 'field', name: '@message' };
    const pattern = this.pattern('glob');
    const names = this.accept('as') ? this.listOf(() => this.#name()) : [];
    return { kind: 'parse', source, pattern, names, at: { ...at, end: pattern.at.end } };
  }

  /** A regular expression between slashes, or a text. */
  pattern(_for: 'glob' | 'like'): Pattern {
    const regex = this.lexer.regex();
    if (regex) return { kind: 'regex', source: regex.text, at: regex };
    const token = this.lexer.next();
    if (token.kind !== 'string') throw this.unexpected(token);
    return { kind: 'text', source: token.text, at: token };
  }

  #stats(): Command {
    const aggregates = this.listOf(() => this.#selected());
    const by = this.accept('by') ? this.listOf(() => this.#selected()) : [];
    return { kind: 'stats', aggregates, by };
  }

  #sort(): Command {
    this.accept('by');
    const keys = this.listOf(() => {
      const expression = this.#expression();
      const descending = this.accept('desc');
      if (!descending) this.accept('asc');
      return { expression, descending };
    });
    return { kind: 'sort', keys };
  }

  #limit(): Command {
    const token = this.lexer.next();
    const count = Number(token.text);
    if (token.kind !== 'number' || !Number.isInteger(count) || count < 1)
      throw this.unexpected(token);
    return { kind: 'limit', count };
  }

  #unnest(): Command {
    const source = this.#expression();
    this.expect('into');
    return { kind: 'unnest', source, name: this.#name() };
  }
}

const withoutComments = (typed: string) => typed.replaceAll(/#[^\n]*/g, '').trim();
