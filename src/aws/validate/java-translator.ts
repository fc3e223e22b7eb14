import { ownValue } from '../../lib/own.ts';

/*
 * Java's regular expressions in JavaScript's `v` syntax, where they mean the same: ASCII-only \s, Java's line terminators,
 * POSIX classes, possessive quantifiers, needless escapes.
 */

const LINE_ENDS = '\\n\\r\\u0085\\u2028\\u2029';
const SPACE = ' \\t\\n\\x0B\\f\\r';
const HORIZONTAL = ' \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';

/** Java's POSIX classes, ASCII only. Unicode categories and scripts have the same names in both languages. */
const POSIX: Record<string, string> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E',
  Graph: '\\x21-\\x7E',
  Print: '\\x20-\\x7E',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: SPACE,
};

/** Letters after a backslash that stand for a set of characters. */
const SETS: Record<string, string> = {
  s: `[${SPACE}]`,
  // What it leaves, not what it is without: RE2 has no classes in classes to be negated.
  S: '[\\x00-\\x08\\x0E-\\x1F\\x21-\\u{10FFFF}]',
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
};

/** Letters after a backslash that stand for one character. */
const CONTROLS: Record<string, string> = {
  a: '\\x07',
  e: '\\x1B',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\x0B',
};
/** How many times as many repetitions as an engine takes are written out. */
const MAX_WRITTEN_OUT = 8;

/** Letters after a backslash that assert a position. */
const ASSERTIONS: Record<string, string> = { A: '^', z: '$', Z: '(?=\\n?$)', b: '\\b', B: '\\B' };

export class Translator {
  #source: string;
  #at = 0;
  #out = '';
  #dotAll: boolean;
  /** Where in the output the last atom starts: what a possessive quantifier wraps. */
  #atomStart = 0;
  #groupStarts: number[] = [];
  #possessives = 0;
  #maxRepeat: number;

  /** @param maxRepeat what an engine takes in braces: more is written out */
  constructor(source: string, dotAll: boolean, maxRepeat = Number.POSITIVE_INFINITY) {
    this.#source = source;
    this.#dotAll = dotAll;
    this.#maxRepeat = maxRepeat;
  }

  translate(): string {
    while (this.#at < this.#source.length) this.#step();
    if (this.#possessives > 0 && /\\[1-9]/.test(this.#source))
      throw this.#unsupported('numbered back references beside possessive quantifiers');
    return this.#out;
  }

  #step(): void {
    const char = this.#source[this.#at] as string;
    if (char === '(') this.#openGroup();
    else if (char === ')') {
      this.#take(1);
      this.#atomStart = this.#groupStarts.pop() ?? 0;
    } else if (char === '[') this.#atom(this.#characterClass());
    else if (char === '\\') this.#atom(this.#escape());
    else if ('*+?{'.includes(char)) this.#quantifier();
    else if (char === '.') {
      this.#at++;
      this.#atom(this.#dotAll ? '[\\s\\S]' : `[^${LINE_ENDS}]`);
    } else if (char === '^' || char === '$' || char === '|') this.#take(1);
    else this.#atom(literal(this.#nextChar()));
  }

  #take(length: number): void {
    this.#out += this.#source.slice(this.#at, this.#at + length);
    this.#at += length;
  }

  #atom(text: string): void {
    this.#atomStart = this.#out.length;
    this.#out += text;
  }

  #openGroup(): void {
    const head =
      /^\((\?(<?[=!]|:|<[A-Za-z][A-Za-z0-9]*>|[is]+:)?)?/.exec(this.#source.slice(this.#at))?.[0] ??
      '(';
    if (head === '(?') throw this.#unsupported('this kind of group');
    this.#groupStarts.push(this.#out.length);
    this.#take(head.length);
  }

  #quantifier(): void {
    const quantifier = /^([*+?]|\{\d+(,\d*)?\})([?+]?)/.exec(this.#source.slice(this.#at));
    if (!quantifier) throw this.#unsupported('a brace that is no quantifier');
    const [whole, amount, , mode] = quantifier;
    this.#at += whole.length;
    if (mode !== '+') {
      this.#out = this.#repeated(whole, amount as string);
      return;
    }
    // A lookahead never gives back what it took, which is what possessive means.
    const name = `possessive${++this.#possessives}`;
    const atom = this.#out.slice(this.#atomStart);
    this.#out = `${this.#out.slice(0, this.#atomStart)}(?=(?<${name}>${atom}${amount}))\\k<${name}>`;
  }

  #repeated(whole: string, amount: string): string {
    const [, from, more, to] = /^\{(\d+)(,(\d*))?\}$/.exec(amount) ?? [];
    const least = Number(from ?? 0);
    const most = more === undefined ? least : to ? Number(to) : undefined;
    if (Math.max(least, most ?? 0) <= this.#maxRepeat) return this.#out + whole;
    if (Math.max(least, most ?? 0) > MAX_WRITTEN_OUT * this.#maxRepeat)
      throw this.#unsupported('so large a number of repetitions');
    const atom = this.#out.slice(this.#atomStart);
    let written = '';
    for (let left = least; left > 0; left -= this.#maxRepeat)
      written += `${atom}{${Math.min(left, this.#maxRepeat)}}`;
    written += most === undefined ? `${atom}*` : this.#upTo(atom, most - least);
    return `${this.#out.slice(0, this.#atomStart)}(?:${written})`;
  }

  /** So written that there is one way to take any number: an engine that follows all ways at once has few to follow. */
  #upTo(atom: string, most: number): string {
    if (most <= this.#maxRepeat) return `${atom}{0,${most}}`;
    const more = this.#upTo(atom, most - this.#maxRepeat);
    return `(?:${atom}{${this.#maxRepeat}}${more}|${atom}{0,${this.#maxRepeat - 1}})`;
  }

  /** An escape outside a class. */
  #escape(): string {
    const letter = this.#source[this.#at + 1] ?? '';
    if (letter === 'Q') return this.#quoted();
    const reference = /^\\([1-9]\d*|k<[A-Za-z][A-Za-z0-9]*>)/.exec(this.#source.slice(this.#at));
    if (reference) {
      this.#at += reference[0].length;
      return `${reference[0]}(?:)`;
    }
    const assertion = ownValue(ASSERTIONS, letter);
    if (assertion !== undefined) {
      this.#at += 2;
      return assertion;
    }
    return this.#set() ?? literal(this.#nextChar());
  }

  #quoted(): string {
    const end = this.#source.indexOf('\\E', this.#at);
    const text = this.#source.slice(this.#at + 2, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#source.length : end + 2;
    return [...text].map(literal).join('');
  }

  /** An escape that stands for a set of characters, in a form that works inside and outside classes; undefined when it is none. */
  #set(): string | undefined {
    const letter = this.#source[this.#at + 1] ?? '';
    const set = ownValue(SETS, letter);
    if (set !== undefined) {
      this.#at += 2;
      return set;
    }
    const property = /^\\([pP])(?:\{(?:Is|In)?(\^?\w+(?:=\w+)?)\}|([A-Z]))/.exec(
      this.#source.slice(this.#at),
    );
    if (!property) return undefined;
    this.#at += property[0].length;
    const name = property[2] ?? property[3] ?? '';
    const posix = ownValue(POSIX, name);
    if (posix !== undefined) return `[${property[1] === 'P' ? '^' : ''}${posix}]`;
    return `\\${property[1]}{${name}}`;
  }

  #characterClass(): string {
    this.#at++;
    const negated = this.#source[this.#at] === '^';
    if (negated) this.#at++;
    // A bracket right after the opening one is a character.
    const operands = [this.#source[this.#at] === ']' ? literal(this.#nextChar()) : ''];
    while (this.#source[this.#at] !== ']') {
      if (this.#at >= this.#source.length) throw this.#unsupported('a class without end');
      if (this.#source.startsWith('&&', this.#at)) {
        this.#at += 2;
        operands.push('');
      } else {
        const item =
          this.#source[this.#at] === '[' ? this.#characterClass() : (this.#set() ?? this.#range());
        operands[operands.length - 1] += item;
      }
    }
    this.#at++;
    const body =
      operands.length === 1 ? operands[0] : operands.map((operand) => `[${operand}]`).join('&&');
    return `[${negated ? '^' : ''}${body}]`;
  }

  /** One character of a class, or a range of them. */
  #range(): string {
    const from = literal(this.#nextChar());
    const rest = this.#source.slice(this.#at);
    if (!/^-[^\][]/s.test(rest) || /^-\\[wWdDsShHpP]/.test(rest) || rest.startsWith('-&&'))
      return from;
    this.#at++;
    return `${from}-${literal(this.#nextChar())}`;
  }

  /** The next character, escaped or not; what it stands for as one character or one JavaScript escape. */
  #nextChar(): string {
    const rest = this.#source.slice(this.#at);
    const code =
      /^\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]+)\}|0([0-7]{1,3}))/.exec(
        rest,
      );
    if (code) {
      this.#at += code[0].length;
      return fromCode(code);
    }
    if (rest[0] !== '\\') {
      const char = String.fromCodePoint(rest.codePointAt(0) as number);
      this.#at += char.length;
      return char;
    }
    const letter = rest[1] ?? '';
    this.#at += 2;
    const control = ownValue(CONTROLS, letter);
    if (control !== undefined) return control;
    if (letter === '' || /[A-Za-z0-9]/.test(letter))
      throw this.#unsupported(`the escape \\${letter}`);
    return letter;
  }

  #unsupported(what: string): Error {
    return new Error(`No translation for ${what} in the Java pattern ${this.#source}`);
  }
}

function fromCode([, high, low, unit, byte, point, octal]: RegExpExecArray): string {
  if (high !== undefined) return `\\u{${codePoint(`\\u${high}\\u${low}`)}}`;
  if (octal !== undefined) return `\\u{${Number.parseInt(octal, 8).toString(16)}}`;
  return `\\u{${unit ?? byte ?? point}}`;
}

function codePoint(pair: string): string {
  return (JSON.parse(`"${pair}"`) as string).codePointAt(0)?.toString(16) ?? '';
}

/** A character as it has to be written, inside and outside classes, under the `v` flag. */
function literal(char: string): string {
  if (char.length > 1 && char.startsWith('\\')) return char;
  if (/[\^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  return /[&\-!#%,:;<=>@`~]/.test(char) ? `\\x${char.charCodeAt(0).toString(16)}` : char;
}
