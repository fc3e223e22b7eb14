import { posix } from 'node:path';
import { ownValue } from '../../../lib/own.ts';
import type { Pause } from '../../../lib/turns.ts';
import type { ArtifactSpec } from './buildspec-artifacts.ts';
import { compileGlob, type Glob } from './globs.ts';

/** A variable in a path of a buildspec. */
export const VARIABLE = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;
const GLOB = /[*?[{]/;
/** In what is no pattern by that: a name that does not stand for itself all the same. */
const ESCAPED = /[\\()!]/;

export type FileSpec = Pick<
  ArtifactSpec,
  'files' | 'excludePaths' | 'baseDirectory' | 'discardPaths'
>;

/** What of one directory is taken, and under which name. */
export interface Selection {
  /** Absolute, in the build's file system; for what is not a pattern, the file itself. */
  directory: string;
  /** The name in the artifact of a file below `directory`, or undefined when it is not part of it. */
  nameOf(path: string): Promise<string | undefined>;
  /** Whether a link at this path below `directory` may have to be followed: to what is taken, or to a directory with some of it. */
  reaches(path: string): boolean;
}

/** The files that a buildspec names. */
export interface FileChoice {
  /** What is taken from the base directory. */
  base: Selection;
  /** Where to look for what the base directory did not have: absolute paths, and those that lead out by `..`. */
  elsewhere(): Selection[];
  /** The patterns that have matched no file so far. */
  unmatched(): string[];
}

interface Pattern {
  /** As it stands in the buildspec, with its variables' values. */
  text: string;
  matches: Glob;
  matched: boolean;
}

/** @param values last values of the variables that paths use */
export function expandPath(text: string, values: Record<string, string>): string {
  return text
    .replace(VARIABLE, (_, braced, plain) => ownValue(values, braced ?? plain) ?? '')
    .trim();
}

/**
 * The directories that may be meant by a base directory, an expanded one; the first that exists is. What begins with a
 * slash is absolute, or else what it would be without.
 * @param source directory of the primary source, absolute
 */
export function baseDirectories(base: string, source: string): string[] {
  const joined = posix.join(source, base).replace(/(.)\/$/, '$1');
  return [...new Set([posix.resolve(source, base), joined])];
}

/**
 * @param spec with expanded paths
 * @param base one of {@link baseDirectories}; may be a pattern
 * @param pause between one pattern and the next: there may be thousands, and as many files
 */
export function chooseFiles(
  spec: FileSpec,
  base: string,
  source: string,
  pause: Pause = () => undefined,
): FileChoice {
  const { directory, strip } = withoutGlob(base);
  const patterns: Pattern[] = spec.files.map((text) => ({
    text,
    matches: compileGlob(below(directory, text)),
    matched: false,
  }));
  const excluded = anyOf(
    spec.excludePaths.map((text) => below(directory, text)),
    pause,
  );
  const excludedElsewhere = anyOf(
    spec.excludePaths.map((text) => below(source, text)),
    pause,
  );
  // Behind the directories of a base that is a pattern anything may be.
  const places = GLOB.test(base)
    ? undefined
    : placesOf(spec.files.map((text) => below(base, text)));
  const shortened = (name: string) => (spec.discardPaths ? posix.basename(name) : name);
  const outside = (pattern: Pattern): Selection => {
    const absolute = posix.resolve(directory, pattern.text);
    const place = literalPart(absolute);
    const matches = compileGlob(place.rest);
    return {
      directory: GLOB.test(absolute) ? place.directory : absolute,
      reaches: () => true,
      async nameOf(path) {
        await pause();
        if (!matches(path)) return undefined;
        pattern.matched = true;
        // Named by its way from the source, or else from the root.
        const name = below(source, posix.join(place.directory, path));
        return (await excludedElsewhere(name)) ? undefined : shortened(name);
      },
    };
  };
  return {
    base: {
      directory,
      reaches: (path) =>
        places?.some((place) => isWithin(place, path) || isWithin(path, place)) ?? true,
      async nameOf(path) {
        const inBase = strip(path);
        if (inBase === undefined || !(await matchesOne(patterns, inBase, pause))) return undefined;
        return (await excluded(inBase)) ? undefined : shortened(inBase);
      },
    },
    elsewhere: () =>
      patterns.filter(({ matched, text }) => !matched && leadsOut(text)).map(outside),
    unmatched: () => patterns.filter(({ matched }) => !matched).map(({ text }) => text),
  };
}

/** A base directory that is a pattern: the directories that match are taken off the names (CB-A22). */
function withoutGlob(base: string): {
  directory: string;
  strip: (path: string) => string | undefined;
} {
  if (!GLOB.test(base)) return { directory: base, strip: (path) => path };
  const { directory, rest } = literalPart(base);
  const depth = rest.split('/').length;
  const matches = compileGlob(rest);
  return {
    directory,
    strip(path) {
      const parts = path.split('/');
      if (parts.length <= depth || !matches(parts.slice(0, depth).join('/'))) return undefined;
      return parts.slice(depth).join('/');
    },
  };
}

/** A pattern or path as it reads below the directory: what is absolute loses the directory, or else its slash. */
function below(directory: string, text: string): string {
  if (text.startsWith(`${directory}/`)) return text.slice(directory.length + 1);
  return text.replace(/^(\.?\/)+/, '');
}

function leadsOut(text: string): boolean {
  return text.startsWith('/') || /^\.\.(\/|$)/.test(posix.normalize(text));
}

/** Splits an absolute pattern into the directory that it names and the rest, which is one segment at least. */
function literalPart(pattern: string): { directory: string; rest: string } {
  const parts = pattern.split('/');
  const cut = Math.min(literalParts(parts), parts.length - 1);
  return { directory: parts.slice(0, cut).join('/') || '/', rest: parts.slice(cut).join('/') };
}

/** How many stand before the first that is a pattern: all of them where none is. */
function literalParts(parts: readonly string[]): number {
  const first = parts.findIndex((part) => GLOB.test(part));
  return first < 0 ? parts.length : first;
}

/** Where what these patterns match lies: in these directories, or as these files; undefined for anywhere. */
function placesOf(patterns: string[]): string[] | undefined {
  const places = patterns.map((pattern) => {
    const parts = pattern.split('/');
    return parts.slice(0, literalParts(parts)).join('/');
  });
  const plain = (place: string) =>
    place !== '' && posix.join('/', place) === `/${place}` && !ESCAPED.test(place);
  return places.every(plain) ? places : undefined;
}

const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory}/`);

/** Whether one matches; each that does is marked, so that those that never do can be told. */
async function matchesOne(patterns: Pattern[], path: string, pause: Pause): Promise<boolean> {
  let found = false;
  for (const pattern of patterns) {
    if (found && pattern.matched) continue;
    const wait = pause();
    if (wait) await wait;
    if (!pattern.matches(path)) continue;
    pattern.matched = true;
    found = true;
  }
  return found;
}

function anyOf(patterns: string[], pause: Pause): (path: string) => Promise<boolean> {
  const globs = patterns.map(compileGlob);
  return async (path) => {
    for (const matches of globs) {
      const wait = pause();
      if (wait) await wait;
      if (matches(path)) return true;
    }
    return false;
  };
}
