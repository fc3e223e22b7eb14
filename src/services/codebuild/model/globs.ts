import { compileLinear, type LinearPattern } from '../../../lib/linear-pattern.ts';
import { PhaseFailure } from './build-state.ts';

/**
 * Names and patterns both come from the build. What a pattern may take for each character of a name: more than anybody
 * has in earnest.
 */
const MAX_SIZE = 4096;
/** States of a pattern times characters of a name: about a tenth of a second, in which the server does nothing else. */
const MAX_STEPS = 1_000_000;
const SPECIAL = /[*?[{\\]/;

/** Whether a path matches a pattern. @throws PhaseFailure when both are too long */
export type Glob = (path: string) => boolean;

/**
 * A pattern of a buildspec as a question to a path, in time linear in the path. AWS knows `*`, `?`, `**`, `[]` and `{}`,
 * not bash's `+(…)`, and an empty pattern is no file's. It is translated when it is first asked.
 * @throws PhaseFailure for a pattern that is too long
 */
export function compileGlob(pattern: string): Glob {
  const source = pattern.replace(/^(\.\/)+/, '').replace(/(^|\/)\*\*\/(?:\*\*\/)+/g, '$1**/');
  if (source === '') return () => false;
  if (source.length > MAX_SIZE) throw tooLong();
  if (!SPECIAL.test(source)) return (path) => path === source;
  let compiled: LinearPattern | undefined;
  return (path) => {
    compiled ??= translated(source);
    if (compiled.size * path.length > MAX_STEPS) throw tooLong();
    return compiled.test(path);
  };
}

function translated(source: string): LinearPattern {
  try {
    return compileLinear(`(?s)^(?:${new GlobTranslator(source).translate()})$`, MAX_SIZE);
  } catch {
    throw tooLong();
  }
}

const tooLong = () =>
  new PhaseFailure('CLIENT_ERROR', 'The file patterns are too long to be matched.');

const NAME = '[^/]';

/** One pattern in RE2's syntax. */
class GlobTranslator {
  #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  translate(): string {
    let out = '';
    while (this.#at < this.#source.length) out += this.#next();
    return out;
  }

  #next(): string {
    const char = this.#source[this.#at] as string;
    if (char === '*') return this.#stars();
    if (char === '[') return this.#class();
    if (char === '{') return this.#alternatives();
    this.#at++;
    if (char === '?') return NAME;
    if (char !== '\\' || this.#at >= this.#source.length) return literal(this.#whole(char));
    return literal(this.#whole(this.#source[this.#at++] as string));
  }

  /** The character that begins with this one, which is behind us: it may have a second half. */
  #whole(first: string): string {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at - 1) ?? 0);
    this.#at += char.length - 1;
    return char.startsWith(first) ? char : first;
  }

  /** Two stars that are all between slashes are any directories, or none. */
  #stars(): string {
    const before = this.#source[this.#at - 1];
    const from = this.#at;
    while (this.#source[this.#at] === '*') this.#at++;
    const after = this.#source[this.#at];
    const startsName = before === undefined || '/{,'.includes(before);
    const endsName = after === undefined || '/},'.includes(after);
    if (!startsName || !endsName) return `${NAME}*`;
    if (this.#at - from === 1) return `${NAME}+`;
    if (after !== '/') return '.*';
    this.#at++;
    return '(?:.*/)?';
  }

  /** A bracket without its partner is itself. */
  #class(): string {
    const match = /\[([!^]?)(\]?(?:\\.|[^\]\\/])*)\]/sy;
    match.lastIndex = this.#at;
    const [whole, negated, body = ''] = match.exec(this.#source) ?? [];
    if (whole === undefined || body === '') {
      this.#at++;
      return '\\[';
    }
    this.#at += whole.length;
    return classOf(negated !== '', body);
  }

  #alternatives(): string {
    const parts = partsOf(this.#source.slice(this.#at + 1));
    if (!parts) {
      this.#at++;
      return '\\{';
    }
    const found = parts.map((part) => new GlobTranslator(part).translate());
    this.#at += parts.join(',').length + 2;
    return `(?:${found.join('|')})`;
  }
}

/** What stands between the commas up to the brace that closes; undefined when there is none, or no comma. */
function partsOf(text: string): string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (depth === 0 && (char === ',' || char === '}')) {
      parts.push(text.slice(from, i));
      from = i + 1;
      if (char === '}') return parts.length > 1 ? parts : undefined;
    } else if (char === '}') depth--;
  }
  return undefined;
}

function classOf(negated: boolean, body: string): string {
  const items = [...body.matchAll(/\\?(.)(?:-\\?(.))?/gsu)];
  const ranges = items.map(([, from = '', to]) =>
    to === undefined || to < from
      ? literal(from) + (to ? `\\-${literal(to)}` : '')
      : `${literal(from)}-${literal(to)}`,
  );
  return negated ? `[^/${ranges.join('')}]` : `[${ranges.join('')}]`;
}

const literal = (char: string) => (/[!-/:-@[-`{-~]/.test(char) ? `\\${char}` : char);
