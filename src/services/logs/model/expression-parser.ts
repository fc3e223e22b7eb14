import { append } from '../../../lib/append.ts';
import { FilterPatternError } from './matcher.ts';

/** One character of an expression. */
export interface Position {
  /** Whether it takes a character, by its code: 128 stands for all that is not ASCII. */
  takes(code: number): boolean;
  optional: boolean;
  repeatable: boolean;
}

/** What stands between two `|`. */
export interface Alternative {
  positions: Position[];
  /** `^` and `$`. */
  atStart: boolean;
  atEnd: boolean;
}

/** Characters that an expression may have, repetitions written out (ours; AWS does not say). */
const MAX_POSITIONS = 1024;

/**
 * Reads a regular expression as CloudWatch Logs documents them: letters, digits, some symbols, `\` before all others,
 * classes, `.`, `^`, `$`, `|` and quantifiers, but no parentheses and nothing beyond ASCII.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
 * @throws FilterPatternError
 */
export function parseExpression(expression: string): Alternative[] {
  return new ExpressionParser(expression).parse();
}

type CharacterSet = Position['takes'];

const PLAIN = /[\w:#=@/;,\- ]/;
/** Operators that mean themselves inside a class, or without the bracket that they close. */
const PLAIN_IN_CLASS = /[\w:#=@/;, ^$?{}|*+.]/;
const QUANTIFIER = /(?:([*+?])|\{(\d{1,4})(,(\d{0,4}))?\})\??/y;

const inRange = (from: number, to: number) => (code: number) => code >= from && code <= to;
const oneOf = (text: string) => (code: number) =>
  code < 128 && text.includes(String.fromCharCode(code));
const not = (set: CharacterSet) => (code: number) => !set(code);
const digit = inRange(48, 57);
const space = oneOf(' \t\n\v\f\r');
const word = (code: number) => code < 128 && /\w/.test(String.fromCharCode(code));
const SETS = new Map<string, CharacterSet>([
  ['d', digit],
  ['D', not(digit)],
  ['s', space],
  ['S', not(space)],
  ['w', word],
  ['W', not(word)],
]);
const CONTROLS = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
]);
const anyButNewline = not(oneOf('\n'));

class ExpressionParser {
  #source: string;
  #at = 0;
  #count = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Alternative[] {
    const alternatives: Alternative[] = [];
    do {
      const alternative = this.#alternative();
      if (alternative) alternatives.push(alternative);
    } while (this.#accept('|'));
    return alternatives;
  }

  #invalid(why: string): FilterPatternError {
    return new FilterPatternError(`Invalid regular expression '${this.#source}': ${why}`);
  }

  #accept(char: string): boolean {
    if (this.#source[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  /** Undefined for one that never matches, such as `a^`. */
  #alternative(): Alternative | undefined {
    const found: Alternative = { positions: [], atStart: false, atEnd: false };
    let possible = true;
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|') {
      if (this.#accept('^')) {
        possible &&= found.positions.every((position) => position.optional);
        found.atStart = true;
        found.positions = [];
      } else if (this.#accept('$')) found.atEnd = true;
      else {
        const item = this.#repeat(this.#set());
        if (!found.atEnd) append(found.positions, item);
        // What may be left out must be, behind the end.
        else possible &&= item.every((position) => position.optional);
      }
    }
    return possible ? found : undefined;
  }

  #repeat(takes: CharacterSet): Position[] {
    QUANTIFIER.lastIndex = this.#at;
    const quantifier = QUANTIFIER.exec(this.#source);
    this.#at += quantifier?.[0].length ?? 0;
    const [least, most] = quantifier ? rangeOf(quantifier) : [1, 1];
    const endless = most === undefined;
    const length = most ?? Math.max(1, least);
    if (length < least) throw this.#invalid('a range that ends before it begins');
    this.#count += length;
    if (this.#count > MAX_POSITIONS) throw this.#invalid('it is too long');
    return Array.from({ length }, (_, n) => ({
      takes,
      optional: n >= least,
      repeatable: endless && n === length - 1,
    }));
  }

  #set(): CharacterSet {
    const char = this.#source[this.#at++] as string;
    if (char === '\\') return this.#escape();
    if (char === '[') return this.#class();
    if (char === '.') return anyButNewline;
    if (!PLAIN.test(char) && char !== ']' && char !== '}')
      throw this.#invalid(`'${char}' is not supported here`);
    return oneOf(char);
  }

  #escape(): CharacterSet {
    const letter = this.#source[this.#at] ?? '';
    const set = SETS.get(letter);
    if (!set) return oneOf(this.#escaped());
    this.#at++;
    return set;
  }

  /** The one character that an escape stands for; the backslash is behind us. */
  #escaped(): string {
    const letter = this.#source[this.#at++] ?? '';
    const control = CONTROLS.get(letter);
    if (control) return control;
    if (letter === 'x') {
      const code = /^[0-7][0-9a-fA-F]/.exec(this.#source.slice(this.#at, this.#at + 2));
      if (!code) throw this.#invalid('\\x takes two hexadecimal digits, up to 7f');
      this.#at += 2;
      return String.fromCharCode(Number.parseInt(code[0], 16));
    }
    if (!/[!-/:-@[-`{-~ ]/.test(letter)) throw this.#invalid(`\\${letter} is not supported`);
    return letter;
  }

  #class(): CharacterSet {
    const negated = this.#accept('^');
    const sets: CharacterSet[] = [];
    do {
      if (this.#at >= this.#source.length) throw this.#invalid('a class without its end');
      sets.push(this.#classItem());
    } while (!this.#accept(']'));
    const any: CharacterSet = (code) => sets.some((set) => set(code));
    return negated ? not(any) : any;
  }

  /** `]` and `-` are themselves where they can be nothing else. */
  #classItem(): CharacterSet {
    const from = this.#classCharacter();
    if (typeof from !== 'string') return from;
    const after = this.#source[this.#at + 1];
    if (this.#source[this.#at] !== '-' || after === ']' || after === undefined) return oneOf(from);
    this.#at++;
    const to = this.#classCharacter();
    if (typeof to !== 'string' || to < from) throw this.#invalid('a range that has no order');
    return inRange(from.charCodeAt(0), to.charCodeAt(0));
  }

  #classCharacter(): string | CharacterSet {
    const char = this.#source[this.#at++] as string;
    if (char === '\\') {
      const set = SETS.get(this.#source[this.#at] ?? '');
      if (!set) return this.#escaped();
      this.#at++;
      return set;
    }
    if (!PLAIN_IN_CLASS.test(char) && char !== '-' && char !== '[' && char !== ']')
      throw this.#invalid(`'${char}' is not supported here`);
    return char;
  }
}

/** Least and most, the latter undefined when there is no most. */
function rangeOf([, sign, least, more, most]: RegExpExecArray): [number, number | undefined] {
  if (sign !== undefined) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : undefined];
  const from = Number(least);
  return [from, more === undefined ? from : most ? Number(most) : undefined];
}
