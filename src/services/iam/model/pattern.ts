import { append } from '../../../lib/append.ts';
import { ownValue } from '../../../lib/own.ts';
import { ANY, matchesWildcard, ONE, type Token } from '../../../lib/wildcard.ts';

/** Values of condition keys, by key in lower case. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** A policy variable such as `${aws:username}` or `${aws:PrincipalTag/team, 'none'}`. */
interface Variable {
  key: string;
  fallback?: string;
}

/** A pattern of a policy, read once: literal characters, `*`, `?`, and variables. */
export type Pattern = readonly (Token | Variable)[];

/**
 * Reads a pattern. `${*}`, `${?}` and `${$}` are the characters themselves.
 * @param variables false for policies of version 2008-10-17, where `${` is plain text
 */
export function parsePattern(text: string, variables: boolean): Pattern {
  const out: (Token | Variable)[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    const end = variables && char === '$' && text[i + 1] === '{' ? text.indexOf('}', i) : -1;
    if (end > 0) {
      out.push(parseVariable(text.slice(i + 2, end)));
      i = end;
    } else if (char === '*') {
      if (out.at(-1) !== ANY) out.push(ANY);
    } else out.push(char === '?' ? ONE : char);
  }
  return out;
}

function parseVariable(inner: string): string | Variable {
  const text = inner.trim();
  if (text === '*' || text === '?' || text === '$') return text;
  const [key = '', ...rest] = text.split(',');
  const fallback = /^'([^']*)'$/.exec(rest.join(',').trim())?.[1];
  if (key && fallback !== undefined) return { key: key.trimEnd().toLowerCase(), fallback };
  return { key: text.toLowerCase() };
}

/** The pattern with its variables filled in, or undefined when one has no (single) value: it then matches nothing. */
function resolve(pattern: Pattern, context: Context): readonly Token[] | undefined {
  if (!pattern.some((token) => typeof token === 'object')) return pattern as readonly Token[];
  const out: Token[] = [];
  for (const token of pattern) {
    if (typeof token !== 'object') {
      out.push(token);
      continue;
    }
    const value = ownValue(context, token.key) ?? token.fallback;
    if (typeof value !== 'string') return undefined;
    append(out, value.split(''));
  }
  return out;
}

/** Does `text` match the whole pattern, `*` and `?` being wildcards? */
export function matches(pattern: Pattern, text: string, context: Context): boolean {
  const tokens = resolve(pattern, context);
  return tokens !== undefined && matchesWildcard(tokens, text);
}

/** The pattern's text with its variables filled in and wildcards as plain characters; undefined without their values. */
export function literal(pattern: Pattern, context: Context): string | undefined {
  const tokens = resolve(pattern, context);
  return tokens?.map((token) => (token === ANY ? '*' : token === ONE ? '?' : token)).join('');
}

/** Splits tokens at the first five colons: an ARN has six parts, the last of which may hold more colons. */
function arnParts(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === ':' && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/**
 * Does an ARN match? Each of its six parts is matched by itself, so that a star does not reach over a colon;
 * a pattern that is just `*` matches everything, ARN or not.
 */
export function matchesArn(pattern: Pattern, text: string, context: Context): boolean {
  const tokens = resolve(pattern, context);
  if (tokens === undefined) return false;
  if (tokens.length === 1 && tokens[0] === ANY) return true;
  const wanted = arnParts(tokens);
  if (wanted.length < 6) return false;
  const parts = arnParts(text.split(''));
  if (parts.length < 6) return false;
  return wanted.every((part, n) => matchesWildcard(part, (parts[n] as string[]).join('')));
}
