import { QueryError } from './syntax.ts';

export interface Token {
  kind: 'word' | 'quoted-word' | 'number' | 'duration' | 'string' | 'symbol' | 'end';
  /** Without quotes. */
  text: string;
  start: number;
  end: number;
}

// Each alternative begins with characters that no other begins with, so that none is tried twice over a text.
const SKIPPED = /(?:\s+|#[^\n]*)*/y;
const WORD = /(?:[A-Za-z_@$][\w@$]*|`[^`]*`)(?:\.(?:[\w@$]+|`[^`]*`))*/y;
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const UNIT = /[A-Za-z]+/y;
const SYMBOL = /=~|!=|<=|>=|==|[=<>|,()[\]+\-*/%^]/y;

/** Cuts a query into tokens, as it is asked to: whether `/` begins a regular expression, only the grammar knows. */
export class Lexer {
  readonly text: string;
  #at = 0;
  #next: Token | undefined;

  constructor(text: string) {
    this.text = text;
  }

  peek(): Token {
    this.#next ??= this.#read();
    return this.#next;
  }

  next(): Token {
    const token = this.peek();
    this.#next = undefined;
    this.#at = token.end;
    return token;
  }

  /** The source of the regular expression that begins here, if one does. */
  regex(): Token | undefined {
    const { start, text } = this.peek();
    if (text !== '/' || this.text[start] !== '/') return undefined;
    let at = start + 1;
    let inClass = false;
    for (; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === '\\') at++;
      else if (char === '[') inClass = true;
      else if (char === ']') inClass = false;
      else if (char === '/' && !inClass) break;
    }
    if (at >= this.text.length)
      throw new QueryError('unterminated regular expression', { start, end: this.text.length });
    this.#next = undefined;
    this.#at = at + 1;
    const source = this.text
      .slice(start + 1, at)
      .replaceAll(/\\(.)/gs, (all, c) => (c === '/' ? c : all));
    return { kind: 'string', text: source, start, end: at + 1 };
  }

  #match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.text)?.[0];
  }

  #read(): Token {
    const start = this.#at + (this.#match(SKIPPED, this.#at)?.length ?? 0);
    if (start >= this.text.length) return { kind: 'end', text: '', start, end: start };
    const char = this.text[start] as string;
    if (char === '"' || char === "'") return this.#string(start, char);
    const word = this.#match(WORD, start);
    if (word !== undefined) {
      const kind = word.includes('`') ? 'quoted-word' : 'word';
      return { kind, text: word.replaceAll('`', ''), start, end: start + word.length };
    }
    const number = this.#match(NUMBER, start);
    if (number !== undefined) return this.#number(start, number);
    const symbol = this.#match(SYMBOL, start);
    if (symbol === undefined)
      throw new QueryError(`unexpected symbol found ${char}`, { start, end: start + 1 });
    return { kind: 'symbol', text: symbol, start, end: start + symbol.length };
  }

  #number(start: number, number: string): Token {
    const end = start + number.length;
    const unit = this.#match(UNIT, end);
    if (unit === undefined) return { kind: 'number', text: number, start, end };
    return { kind: 'duration', text: number + unit, start, end: end + unit.length };
  }

  #string(start: number, quote: string): Token {
    let text = '';
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at] as string;
      if (char === quote) return { kind: 'string', text, start, end: at + 1 };
      const next = this.text[at + 1];
      if (char === '\\' && (next === quote || next === '\\')) {
        text += next;
        at++;
      } else text += char;
    }
    throw new QueryError('unterminated string', { start, end: this.text.length });
  }
}
