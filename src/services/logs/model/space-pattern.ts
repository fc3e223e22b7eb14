import { compileWildcard } from '../../../lib/wildcard.ts';
import { compileExpression } from './expression.ts';
import { FilterPatternError } from './matcher.ts';

/** One word of a message, and what a pattern asks of it. */
interface Word {
  name: string;
  /** Each is a condition on this word. */
  accepts: (text: string) => boolean;
}

/** A pattern such as `[ip, user, ..., status = 4*, bytes > 1000]`. */
export interface SpacePattern {
  matches(message: string): boolean;
  /** What its names stand for, by `$name`; words behind `...` are called by their places. Undefined where it does not match. */
  extract(message: string): Map<string, string> | undefined;
}

/** Words of a message: between spaces, in quotes, or in brackets. */
const WORDS = /\s*(?:"([^"]*)"|\[([^\]]*)\]|(\S+))/y;
const MAX_WORDS = 1000;
const REST = '...';

/** @throws FilterPatternError */
export function parseSpacePattern(pattern: string): SpacePattern {
  const source = /^\[([\s\S]*)\]$/.exec(pattern.trim())?.[1];
  if (source === undefined) throw invalid();
  const parts = splitAt(source, ',').map((part) => part.trim());
  const rests = parts.filter((part) => part === REST).length;
  if (rests > 1 || parts.length > MAX_WORDS) throw invalid();
  const rest = rests === 0 ? parts.length : parts.indexOf(REST);
  const first = parts.slice(0, rest).map(parseWord);
  const last = parts.slice(rest + 1).map(parseWord);
  const place = (message: string) => placed(wordsOf(message), { first, last, exact: rests === 0 });
  return {
    matches: (message) => place(message) !== undefined,
    extract: place,
  };
}

const invalid = () => new FilterPatternError('Invalid filter pattern');

function placed(
  words: string[],
  { first, last, exact }: { first: Word[]; last: Word[]; exact: boolean },
): Map<string, string> | undefined {
  const needed = first.length + last.length;
  if (exact ? words.length !== needed : words.length < needed) return undefined;
  const found = new Map<string, string>();
  const between = words.length - last.length;
  for (const [index, text] of words.entries()) {
    const word = index < first.length ? first[index] : last[index - between];
    if (word && !word.accepts(text)) return undefined;
    found.set(`$${word?.name || index + 1}`, text);
  }
  return found;
}

function wordsOf(message: string): string[] {
  const words: string[] = [];
  WORDS.lastIndex = 0;
  while (words.length < MAX_WORDS) {
    const match = WORDS.exec(message);
    if (!match) break;
    words.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return words;
}

/** Parts of a text between separators that stand in no quotes and no regular expression. */
function splitAt(text: string, separator: string): string[] {
  const parts = [''];
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === separator) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

const PIECE = /"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|&&|\|\||[\s\S]/g;

/** `name`, `name = value`, or several conditions on one name with `&&` and `||`. */
function parseWord(text: string): Word {
  let name = '';
  const alternatives = splitAt(text, '||').map((alternative) =>
    splitAt(alternative, '&&').map((condition) => {
      const parsed = parseCondition(condition.trim());
      if (name !== '' && parsed.name !== '' && parsed.name !== name) throw invalid();
      name ||= parsed.name;
      return parsed.accepts;
    }),
  );
  const accepts = (word: string) => alternatives.some((all) => all.every((each) => each(word)));
  return { name, accepts };
}

const CONDITION =
  /^([\w-]*)\s*(?:(!=|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^\s"%]+))?$/;

function parseCondition(text: string): Word {
  const match = CONDITION.exec(text);
  if (!match) throw invalid();
  const [, name = '', sign, operand = ''] = match;
  return { name, accepts: sign === undefined ? () => true : comparison(sign, operand) };
}

function comparison(sign: string, operand: string): Word['accepts'] {
  const number = /^-?\d+(?:\.\d+)?$/.test(operand) ? Number(operand) : undefined;
  if (sign !== '=' && sign !== '!=') {
    if (number === undefined) throw invalid();
    return (word) => word !== '' && ordered(sign, Number(word), number);
  }
  const matches = equality(operand, number);
  return sign === '=' ? matches : (word) => !matches(word);
}

function ordered(sign: string, a: number, b: number): boolean {
  if (sign === '>') return a > b;
  if (sign === '<') return a < b;
  return sign === '>=' ? a >= b : a <= b;
}

function equality(operand: string, number: number | undefined): Word['accepts'] {
  if (operand.startsWith('%')) return compileExpression(operand.slice(1, -1));
  const text = operand.startsWith('"') ? operand.slice(1, -1).replaceAll(/\\(.)/g, '$1') : operand;
  const matches = compileWildcard(text);
  return (word) =>
    matches(word) || (number !== undefined && word !== '' && Number(word) === number);
}
