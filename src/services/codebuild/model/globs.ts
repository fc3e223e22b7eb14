import picomatch from 'picomatch';
import { runWithin, TookTooLong } from '../../../lib/run-within.ts';
import { PhaseFailure } from './build-state.ts';

/** What one name may take: names and patterns both come from the build, and together can be made to take hours. */
const NAME_MS = 100;

/** The longest that picomatch takes; no path is as long. */
const LONGEST_PATTERN = 65_000;

/**
 * The patterns of a buildspec as one question to a path. AWS knows `*`, `?`, `**`, `[]` and `{}`, not bash's `+(…)`.
 * @throws PhaseFailure from the question, when a pattern takes too long
 */
export function compileGlobs(all: string[]): (path: string) => boolean {
  const patterns = all.filter(({ length }) => length > 0 && length <= LONGEST_PATTERN);
  const matches = picomatch(patterns, { dot: true, noextglob: true });
  if (!patterns.some(mayBeSlow)) return (path) => matches(path);
  return (path) => {
    try {
      return runWithin(NAME_MS, () => matches(path));
    } catch (error) {
      if (!(error instanceof TookTooLong)) throw error;
      throw new PhaseFailure(
        'CLIENT_ERROR',
        `A file pattern takes too long: ${patterns.join(', ')}`,
      );
    }
  };
}

/** Watching costs, so it is done only where it can be needed: groups, and more stars than anybody has in earnest. */
function mayBeSlow(pattern: string): boolean {
  const segments = pattern.split('/');
  const deep = segments.filter((segment) => segment === '**').length;
  const alternatives = pattern.split('{').length - 1;
  return (
    /[()+]|\{[^}]*\*\*/.test(pattern) ||
    alternatives > 3 ||
    deep > 2 ||
    segments.some((segment) => segment.split(/\*+/).length > 3)
  );
}
