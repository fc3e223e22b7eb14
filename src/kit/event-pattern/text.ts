import { ANY, matchesWildcard, type Token } from '../../lib/wildcard.ts';
import { refuse } from './errors.ts';

export type TextTest = (text: string) => boolean;

/** The ways to ask about a text, by their names in patterns. Each takes time linear in the text. @throws PatternError */
export const TEXT_TESTS = {
  prefix:
    (asked: string): TextTest =>
    (text) =>
      text.startsWith(asked),
  suffix:
    (asked: string): TextTest =>
    (text) =>
      text.endsWith(asked),
  'equals-ignore-case': (asked: string): TextTest => {
    const folded = asked.toLowerCase();
    return (text) => text.toLowerCase() === folded;
  },
  wildcard: (asked: string): TextTest => {
    const tokens = wildcardTokens(asked);
    return (text) => matchesWildcard(tokens, text);
  },
} as const;

export type TextTestName = keyof typeof TEXT_TESTS;

/** The same of prefix and suffix, whatever the case. */
export const FOLDED_TESTS = {
  prefix: (asked: string): TextTest => {
    const folded = asked.toLowerCase();
    return (text) => text.toLowerCase().startsWith(folded);
  },
  suffix: (asked: string): TextTest => {
    const folded = asked.toLowerCase();
    return (text) => text.toLowerCase().endsWith(folded);
  },
} as const;

/** `*` is any text; `\*` and `\\` are the characters. */
function wildcardTokens(asked: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < asked.length; i++) {
    const char = asked.charAt(i);
    if (char === '*') {
      // AWS counts the quotation mark in front.
      if (tokens.at(-1) === ANY) refuse(`Consecutive wildcard characters at pos ${i}`);
      tokens.push(ANY);
    } else if (char === '\\') {
      const next = asked.charAt(++i);
      if (next !== '*' && next !== '\\') refuse(`Invalid escape character at pos ${i}`);
      tokens.push(next);
    } else tokens.push(char);
  }
  return tokens;
}
