import { ownValue } from '../../../lib/own.ts';

/** What AWS's reader, Go's, has short names for, in the words of a POSIX shell's grep. */
const CLASSES: Record<string, string> = {
  d: '0-9',
  w: '[:alnum:]_',
  s: '[:space:]',
};
const ESCAPED: Record<string, string> = { t: '\t', a: '\x07', f: '\f', v: '\v' };
const PUNCTUATION = /[^A-Za-z0-9]/;
/** A quantifier may be followed by a question mark: what is matched is the same, only less of it. */
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const LONGEST = 1_000;

/** A pattern for `grep -E`, or why there is none. */
export type Extended = { pattern: string; problem?: never } | { problem: string; pattern: string };

/**
 * A regular expression of a buildspec (`RETRY-<regex>`, in Go's words on AWS) as the POSIX extended one that the build's
 * own grep knows. Where that has no words for it, it is refused: it would never match, in silence.
 */
export function extendedPattern(given: string): Extended {
  if (given.length > LONGEST) return refused(`it is longer than ${LONGEST} characters`);
  try {
    new RegExp(given);
  } catch (error) {
    return refused((error as Error).message.replace(/^.*: /s, ''));
  }
  let pattern = '';
  for (let at = 0; at < given.length; ) {
    const part = next(given.slice(at));
    if (part.problem !== undefined) return refused(part.problem);
    pattern += part.text;
    at += part.length;
  }
  return { pattern };
}

const refused = (problem: string): Extended => ({ problem, pattern: '' });

type Part = { text: string; length: number; problem?: never } | { problem: string };

function next(rest: string): Part {
  if (rest.startsWith('(?:')) return { text: '(', length: 3 };
  if (rest.startsWith('(?')) return { problem: `${rest.slice(0, 4)} is not supported` };
  if (rest.startsWith('\\')) return escaped(rest.charAt(1));
  if (rest.startsWith('[')) return bracket(rest);
  const [quantifier] = QUANTIFIER.exec(rest) ?? [];
  if (quantifier === undefined) return { text: rest.charAt(0), length: 1 };
  const lazy = rest.charAt(quantifier.length) === '?' ? 1 : 0;
  return { text: quantifier, length: quantifier.length + lazy };
}

function escaped(letter: string): Part {
  const lower = letter.toLowerCase();
  const named = ownValue(CLASSES, lower);
  if (named) return { text: `[${letter === lower ? '' : '^'}${named}]`, length: 2 };
  const control = ownValue(ESCAPED, letter);
  if (control) return { text: control, length: 2 };
  if (PUNCTUATION.test(letter)) return { text: `\\${letter}`, length: 2 };
  return { problem: `\\${letter} is not supported` };
}

/** In a list of characters the backslash is one of them to POSIX: what it escapes is put where it needs none. */
function bracket(rest: string): Part {
  const negated = rest.charAt(1) === '^' ? '^' : '';
  let [before, items, behind] = ['', '', ''];
  let at = 1 + negated.length;
  for (let first = true; first || rest.charAt(at) !== ']'; first = false) {
    const named = /^\[:\^?[a-z]+:\]/.exec(rest.slice(at))?.[0];
    if (at >= rest.length) return { problem: 'a list of characters has no end' };
    if (rest.charAt(at) !== '\\') {
      items += named ?? rest.charAt(at);
      at += named?.length ?? 1;
      continue;
    }
    const letter = rest.charAt(at + 1);
    const item =
      ownValue(CLASSES, letter) ??
      ownValue(ESCAPED, letter) ??
      (PUNCTUATION.test(letter) && letter);
    if (!item) return { problem: `[\\${letter}] is not supported` };
    if (item === ']') before = item;
    else if (item === '-' || item === '^') behind = item === '-' ? `${behind}-` : `^${behind}`;
    else items += item;
    at += 2;
  }
  const list = `${before}${items}${behind}`;
  if (list.startsWith('^') && !negated) return { problem: 'a list that begins with ^' };
  return { text: `[${negated}${list}]`, length: at + 1 };
}
