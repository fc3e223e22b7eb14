import { compileWildcard } from '../wildcard.ts';

/** Does a name on one level match a pattern in which only `*` means anything? A `/` in the name never matches. */
export function matchesSimpleGlob(name: string, pattern: string): boolean {
  return !name.includes('/') && compileWildcard(pattern)(name);
}
