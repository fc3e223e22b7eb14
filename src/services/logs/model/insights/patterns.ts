import { RE2JS } from 're2js';
import { compileLinear } from '../../../../lib/linear-pattern.ts';
import { type Pattern, QueryError } from './syntax.ts';

/** The largest automaton: what a character of a message may cost at worst (ours). */
const MAX_STATES = 2000;

/** Whether a text matches, and what every text that matches contains. */
export interface TextTest {
  test(text: string): boolean;
  /** Empty where nothing is known. */
  needs: string;
}

/** What stands behind `like` and `=~`. @throws QueryError */
export function compilePattern({ kind, source, at }: Pattern): TextTest {
  const literal = kind === 'text' ? source : literalOf(source);
  if (literal !== undefined) return { test: (text) => text.includes(literal), needs: literal };
  const words = kind === 'regex' ? source.split('|').map(literalOf) : [];
  if (words.length > 1 && words.every((word) => word !== undefined))
    return { test: (text) => words.some((word) => text.includes(word)), needs: '' };
  const { test } = compiling(at, () => compileLinear(source, MAX_STATES));
  const needs = requiredOf(source);
  // The engine's own search is many times as fast.
  return needs === '' ? { test, needs } : { test: (t) => t.includes(needs) && test(t), needs };
}

function compiling<T>(at: Pattern['at'], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new QueryError(`invalid regular expression: ${(error as Error).message}`, at);
  }
}

const PLAIN = /^(?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])*$/s;

/** The text that an expression is, where it is no more than that. */
function literalOf(source: string): string | undefined {
  return PLAIN.test(source) ? source.replaceAll(/\\(.)/gs, '$1') : undefined;
}

/** The longest run of plain characters that every match has. Empty where groups, options or alternatives make it hard to say. */
function requiredOf(source: string): string {
  if (/[|(]/.test(source)) return '';
  let best = '';
  // Runs end at all that is not plain; the character before a quantifier may be left out.
  for (const [run] of source
    .replaceAll(/\[\^?\]?(?:\\.|[^\]\\])*\]|\\[A-Za-z0-9]/gs, '.')
    .matchAll(/(?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])+[?*{]?/gs)) {
    const cut = /[?*{]$/.test(run) ? run.slice(0, -1).replace(/(?:\\.|.)$/su, '') : run;
    const text = cut.replaceAll(/\\(.)/gs, '$1');
    if (text.length > best.length && !run.endsWith('{')) best = text;
  }
  // Counts in braces are no text.
  return source.includes('{') ? '' : best;
}

/** What `parse` takes out of a text, in the order of its names; undefined where the text does not match. */
export interface Extraction {
  names: string[];
  extract(text: string): (string | undefined)[] | undefined;
}

/** @throws QueryError */
export function compileExtraction({ kind, source, at }: Pattern, names: string[]): Extraction {
  return kind === 'text' ? compileGlob(source, names, at) : compileGroups(source, names, at);
}

/** `user=*, id=*`: each `*` takes as little as it can, the last one at the end all that is left. */
function compileGlob(source: string, names: string[], at: Pattern['at']): Extraction {
  const parts = [''];
  for (const [piece] of source.matchAll(/\\.|[^\\]|\\$/gs)) {
    if (piece === '*') parts.push('');
    else parts[parts.length - 1] += piece === '\\*' ? '*' : piece;
  }
  if (parts.length - 1 !== names.length)
    throw new QueryError(
      `the number of wildcards (${parts.length - 1}) is not that of the fields (${names.length})`,
      at,
    );
  return { names, extract: (text) => takeParts(text, parts) };
}

function takeParts(text: string, [first = '', ...rest]: string[]): string[] | undefined {
  let start = text.indexOf(first);
  if (start < 0) return undefined;
  start += first.length;
  const found: string[] = [];
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1;
    const end = last && part === '' ? text.length : text.indexOf(part, start);
    if (end < 0) return undefined;
    found.push(text.slice(start, end));
    start = end + part.length;
  }
  return found;
}

/** Named groups, or groups in the order of the names behind `as`. */
function compileGroups(source: string, names: string[], at: Pattern['at']): Extraction {
  compiling(at, () => compileLinear(source, MAX_STATES));
  const compiled = compiling(at, () => RE2JS.compile(source));
  const named = Object.entries(compiled.namedGroups() as Record<string, number>);
  const count = compiled.groupCount();
  const groups: [string, number][] =
    names.length > 0 ? names.map((name, index) => [name, index + 1]) : named;
  if (groups.length === 0 || names.length > count)
    throw new QueryError('parse needs a named group for each field', at);
  const needs = requiredOf(source);
  return {
    names: groups.map(([name]) => name),
    extract(text) {
      if (!text.includes(needs)) return undefined;
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      return groups.map(([, group]) => matcher.group(group) ?? undefined);
    },
  };
}
