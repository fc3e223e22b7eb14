import { compileLinear, type LinearPattern } from '../../../lib/linear-pattern.ts';

/** What is no pattern, and why. */
export class GlobError extends Error {
  override name = 'GlobError';
}

/**
 * A glob as triggers have them, Java's (CP-C43): `*` within a segment, `**` across, `?`, `[a-z]`, `[!a]`, `{a,b}` and `\`.
 * Files that begin with a dot are ordinary. It takes time linear in the text: it becomes an expression of RE2's.
 * https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/nio/file/FileSystem.html#getPathMatcher(java.lang.String)
 * @throws GlobError
 */
export function compileGlob(glob: string): LinearPattern {
  const characters = [...glob];
  let source = '';
  let inGroup = false;
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '\\') {
      i += 1;
      if (i === characters.length) throw new GlobError('nothing follows the last \\');
      source += literal(characters[i] as string);
    } else if (character === '[') {
      const end = classEnd(characters, i);
      source += classOf(characters.slice(i + 1, end));
      i = end;
    } else if (character === '*') {
      const isDouble = characters[i + 1] === '*';
      if (isDouble) i += 1;
      source += isDouble ? '.*' : '[^/]*';
    } else if (character === '?') source += '[^/]';
    else if (character === '{') {
      if (inGroup) throw new GlobError('a group {…} stands within another one');
      inGroup = true;
      source += '(?:(?:';
    } else if (character === '}' && inGroup) {
      inGroup = false;
      source += '))';
    } else source += character === ',' && inGroup ? ')|(?:' : literal(character);
  }
  if (inGroup) throw new GlobError('a group { is not closed');
  return compileLinear(`(?s)^(?:${source})$`);
}

const literal = (character: string) => character.replace(/[\\^$.|?*+()[\]{}]/, '\\$&');

/** The `]` that closes a class; one right behind its beginning belongs to it. */
function classEnd(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === '!' ? start + 3 : start + 2;
  const end = characters.indexOf(']', first);
  if (end < 0) throw new GlobError('a class [ is not closed');
  return end;
}

/** A class never takes a slash. */
function classOf(content: readonly string[]): string {
  const isNegated = content[0] === '!';
  const items = isNegated ? content.slice(1) : content;
  if (items.includes('/')) throw new GlobError('a class holds a slash');
  const ranges: [number, number][] = [];
  for (let i = 0; i < items.length; i++) {
    const from = codeOf(items[i]);
    const isRange = items[i + 1] === '-' && i + 2 < items.length;
    const to = isRange ? codeOf(items[i + 2]) : from;
    if (isRange) i += 2;
    if (to < from) throw new GlobError('a range of a class goes backwards');
    ranges.push([from, to]);
  }
  if (isNegated) return `[^${[...ranges, [SLASH, SLASH]].map(written).join('')}]`;
  return `[${ranges.flatMap(withoutSlash).map(written).join('')}]`;
}

const SLASH = 0x2f;
const codeOf = (character = '') => character.codePointAt(0) ?? 0;
const written = ([from, to]: number[]) => `${escaped(from)}-${escaped(to)}`;
const escaped = (code = 0) => `\\x{${code.toString(16)}}`;

function withoutSlash([from, to]: [number, number]): [number, number][] {
  if (from > SLASH || to < SLASH) return [[from, to]];
  const parts: [number, number][] = [
    [from, SLASH - 1],
    [SLASH + 1, to],
  ];
  return parts.filter(([a, b]) => a <= b);
}
