import { compileExpression } from './expression.ts';
import { parseJsonSelector } from './json-selector.ts';
import { FilterPatternError, type Matcher, UnsupportedPatternError } from './matcher.ts';

/**
 * Filter pattern syntax of CloudWatch Logs: terms (all of them), `"quoted phrases"`, `-excluded`, `?any of these`,
 * `%regular expressions%`, and `{ $.json = selectors }`.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/FilterAndPatternSyntax.html
 * @throws FilterPatternError UnsupportedPatternError
 */
export function parseFilterPattern(pattern: string): Matcher {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('{')) return parseJsonSelector(text);
  if (text.startsWith('['))
    throw new UnsupportedPatternError('space-delimited filter patterns ([a, b, …])');
  const terms = parseTerms(text);
  const required = terms.filter((term) => term.kind === 'all');
  const excluded = terms.filter((term) => term.kind === 'none');
  // AWS: "If you combine ? with other terms, the ? terms are ignored".
  const optional =
    required.length + excluded.length === 0 ? terms.filter((term) => term.kind === 'any') : [];
  return (message) =>
    required.every((term) => term.matches(message)) &&
    !excluded.some((term) => term.matches(message)) &&
    (optional.length === 0 || optional.some((term) => term.matches(message)));
}

interface Term {
  kind: 'all' | 'any' | 'none';
  matches: Matcher;
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
      matches: matcherOf(quoted, expression, word),
    });
  }
  return terms;
}

function matcherOf(
  quoted: string | undefined,
  expression: string | undefined,
  word: string | undefined,
): Matcher {
  if (expression !== undefined) return compileExpression(expression);
  const wanted = quoted === undefined ? (word ?? '') : quoted.replaceAll(/\\(.)/g, '$1');
  const odd = word === undefined ? undefined : /[^\w]/.exec(word)?.[0];
  if (odd !== undefined) throw new FilterPatternError(`Invalid character(s) in term '${word}'`);
  return (message) => message.includes(wanted);
}
