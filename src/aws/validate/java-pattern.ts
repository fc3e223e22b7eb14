import { compileLinear } from '../../lib/linear-pattern.ts';
import { Translator } from './java-translator.ts';

/** Whether the whole of a value matches, as AWS demands. */
export interface JavaPattern {
  test(value: string): boolean;
}

/**
 * A pattern of AWS's models. What a backtracking engine might take long over goes to one that does not.
 * @throws Error for a construct that has no translation
 */
export function compileJavaPattern(pattern: string): JavaPattern {
  if (!isPlain(pattern)) {
    try {
      return compileUserPattern(pattern);
    } catch {
      // Possessive quantifiers, back references and the like, in patterns that are not a user's.
    }
  }
  const { flags, body } = split(pattern);
  const translated = new Translator(body, flags.includes('s')).translate();
  return new RegExp(`^(?:${translated})$`, `v${flags}`);
}

/**
 * A pattern that a user gave, in time linear in the value. Lookaheads at its beginning are what people write who mean
 * several things at once (`^(?=.*[0-9])(?!.*x).+$`): each is asked for itself. What RE2 cannot do else is refused.
 * @param maxSize of the automaton, in states: what a character of a value may cost
 * @throws Error for a construct that has no translation, or is too large
 */
export function compileUserPattern(pattern: string, maxSize?: number): JavaPattern {
  const { flags, body } = split(pattern);
  const { lookaheads, rest } = splitLookaheads(body);
  const compile = (java: string, end: string) => {
    const source = new Translator(java, flags.includes('s'), RE2_MAX_REPEAT).translate();
    return compileLinear(`${flags ? `(?${flags})` : ''}^(?:${toRe2(source)})${end}`, maxSize);
  };
  const whole = compile(rest, '$');
  const heads = lookaheads.map(({ negative, source }) => ({
    negative,
    head: compile(source, ''),
  }));
  return {
    test: (value) =>
      heads.every(({ negative, head }) => head.test(value) !== negative) && whole.test(value),
  };
}

const RE2_MAX_REPEAT = 1000;

function split(pattern: string): { flags: string; body: string } {
  const inline = /^\(\?([is]+)\)/.exec(pattern);
  return { flags: inline?.[1] ?? '', body: pattern.slice(inline?.[0].length ?? 0) };
}

/** Its source without escapes and classes: what remains is structure. */
const skeletonOf = (pattern: string) =>
  pattern.replaceAll(/\\./gs, 'x').replaceAll(/\[\^?\]?(?:[^\][]|\[[^\]]*\])*\]/g, 'x');

/** Has at most one quantifier worth the name, and none of a group: trying again then costs no more than a few times the text. */
function isPlain(pattern: string): boolean {
  const skeleton = skeletonOf(pattern);
  const long = skeleton.match(/[*+]|\{\d+,\}|\{(?:\d+,)?\d{3,}\}/g)?.length ?? 0;
  return long <= 1 && !/\)(?:[*+]|\{)/.test(skeleton);
}

interface Lookahead {
  negative: boolean;
  source: string;
}

function splitLookaheads(pattern: string): { lookaheads: Lookahead[]; rest: string } {
  const lookaheads: Lookahead[] = [];
  let rest = pattern.replace(/^\^(?=\(\?[=!])/, '');
  while (/^\(\?[=!]/.test(rest)) {
    const end = endOfGroup(rest);
    lookaheads.push({ negative: rest[2] === '!', source: rest.slice(3, end) });
    rest = rest.slice(end + 1);
  }
  if (lookaheads.length > 0 && hasAlternatives(rest))
    throw new Error('A lookahead of one of several alternatives is not supported.');
  return { lookaheads, rest };
}

/** The depth of groups behind each character that is none of an escape or a class. */
function* structure(pattern: string): Generator<{ at: number; char: string; depth: number }> {
  let depth = 0;
  const TOKEN = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|[^\\\][]|\[[^\]]*\])*\]|./gs;
  for (const { 0: char, index: at } of pattern.matchAll(TOKEN)) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char.length === 1) yield { at, char, depth };
  }
}

function endOfGroup(pattern: string): number {
  for (const { at, char, depth } of structure(pattern)) if (char === ')' && depth === 0) return at;
  throw new Error('A group has no end.');
}

function hasAlternatives(pattern: string): boolean {
  for (const { char, depth } of structure(pattern)) if (char === '|' && depth === 0) return true;
  return false;
}

/** The translator's output in RE2's syntax: escapes with `x`, and no classes in classes. @throws Error where RE2 has no words for it */
function toRe2(source: string): string {
  let depth = 0;
  const TOKEN = /\\u\{([0-9a-fA-F]+)\}|\\u([0-9a-fA-F]{4})|\\.|\[\^?|\]|&&|./gs;
  return source.replace(TOKEN, (token, point?: string, unit?: string) => {
    const code = point ?? unit;
    if (code !== undefined) return `\\x{${code}}`;
    if (token === ']') return --depth === 0 ? token : '';
    if (token === '&&' && depth > 0) throw new Error('Intersections of classes are not supported.');
    if (token !== '[' && token !== '[^') return token;
    if (depth++ === 0) return token;
    if (token === '[^') throw new Error('Negated classes in classes are not supported.');
    return '';
  });
}
