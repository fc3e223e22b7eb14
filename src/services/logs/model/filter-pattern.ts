import { makeWordFinder } from '../../../lib/word-finder.ts';
import { compileExpression } from './expression.ts';
import { parseJsonSelector } from './json-selector.ts';
import {
  type Filter,
  FilterPatternError,
  type Matcher,
  UnsupportedPatternError,
} from './matcher.ts';
import { parseSpacePattern } from './space-pattern.ts';

/**
 * Filter pattern syntax of CloudWatch Logs: terms (all of them), `"quoted phrases"`, `-excluded`, `?any of these`,
 * `%regular expressions%`, and `{ $.json = selectors }`.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/FilterAndPatternSyntax.html
 * @throws FilterPatternError UnsupportedPatternError
 */
export function parseFilterPattern(pattern: string): Filter {
  const text = pattern.trim();
  if (text === '') return { matches: () => true, passes: 0 };
  if (text.startsWith('{')) return { ...parseJsonSelector(text), passes: JSON_PASSES };
  if (text.startsWith('[')) return spaceFilter(text);
  const terms = parseTerms(text);
  const required = terms.filter((term) => term.kind === 'all');
  const excluded = terms.filter((term) => term.kind === 'none');
  // AWS: "If you combine ? with other terms, the ? terms are ignored".
  const optional =
    required.length + excluded.length === 0 ? terms.filter((term) => term.kind === 'any') : [];
  const sets = [makeTermSet(required), makeTermSet(excluded), makeTermSet(optional)] as const;
  const [all, none, any] = sets;
  return {
    matches: (message) =>
      all.hasAll(message) && !none.hasAny(message) && (any.size === 0 || any.hasAny(message)),
    passes: sets.reduce((sum, { passes }) => sum + passes, 0),
  };
}

/** Its words, and an expression on each. */
const SPACE_PASSES = 4;

function spaceFilter(text: string): Filter {
  const { matches, extract } = parseSpacePattern(text);
  const none = new Map<string, string>();
  return {
    matches,
    passes: SPACE_PASSES,
    extract: (message) => extract(message) ?? none,
    reader: (name) => (message) => extract(message)?.get(name),
  };
}

/** Parsing it, two expressions, and three wildcards. */
const JSON_PASSES = 6;
/** Each goes over a message for itself (ours). */
const MAX_EXPRESSIONS = 8;

/** So many are looked for one by one: the engine's own search is many times as fast as ours, each time. */
const FEW_WORDS = 4;

interface Term {
  kind: 'all' | 'any' | 'none';
  word?: string;
  expression?: Matcher;
}

/** Whether a message has all of the words, and whether it has any. */
interface Words {
  all: Matcher;
  any: Matcher;
}

const findEach = (words: string[]): Words => ({
  all: (message) => words.every((word) => message.includes(word)),
  any: (message) => words.some((word) => message.includes(word)),
});

function findTogether(words: string[]): Words {
  const finder = makeWordFinder(words);
  const has = (message: string, enough: number) => {
    let found = 0;
    finder.search(message, () => ++found === enough);
    return found === enough;
  };
  return {
    all: (message) => has(message, words.length),
    any: (message) => has(message, 1),
  };
}

/** Terms, all of whose words are looked for at once. */
function makeTermSet(terms: Term[]) {
  const words = [...new Set(terms.flatMap(({ word }) => word || []))];
  const expressions = terms.flatMap(({ expression }) => expression ?? []);
  // The empty text is in every message.
  const everywhere = terms.some(({ word }) => word === '');
  const few = words.length <= FEW_WORDS;
  const found = few ? findEach(words) : findTogether(words);
  return {
    size: terms.length,
    passes: expressions.length + (few ? words.length : 1),
    hasAll: (message: string) =>
      found.all(message) && expressions.every((matches) => matches(message)),
    hasAny: (message: string) =>
      everywhere || found.any(message) || expressions.some((matches) => matches(message)),
  };
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))(?=\s|$)\s*/y;

function parseTerms(text: string): Term[] {
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const at = TERM.lastIndex;
    const match = TERM.exec(text);
    if (!match) throw new FilterPatternError(`Invalid filter pattern at '${text.slice(at)}'`);
    const [, sign = '', quoted, expression, word] = match;
    terms.push({
      kind: sign === '?' ? 'any' : sign === '-' ? 'none' : 'all',
      ...termOf(quoted, expression, word),
    });
  }
  if (terms.filter((term) => term.expression).length > MAX_EXPRESSIONS)
    throw new UnsupportedPatternError(`more than ${MAX_EXPRESSIONS} regular expressions`);
  return terms;
}

function termOf(
  quoted: string | undefined,
  expression: string | undefined,
  word: string | undefined,
): Omit<Term, 'kind'> {
  if (expression !== undefined) return { expression: compileExpression(expression) };
  const wanted = quoted === undefined ? (word ?? '') : quoted.replaceAll(/\\(.)/g, '$1');
  const odd = word === undefined ? undefined : /[^\w]/.exec(word)?.[0];
  if (odd !== undefined) throw new FilterPatternError(`Invalid character(s) in term '${word}'`);
  return { word: wanted };
}
