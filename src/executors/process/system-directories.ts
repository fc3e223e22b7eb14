import { realpathSync } from 'node:fs';

/** The system's own directories: programs and their configuration. Work sees them, and nothing else of the machine. */
export const SYSTEM = [
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'opt', 'sys', 'nix', 'gnu'],
].map((name) => `/${name}`);

export const isBelow = (path: string, directory: string) =>
  path === directory || path.startsWith(`${directory}/`);

export const isBelowAny = (path: string, directories: readonly string[]) =>
  directories.some((directory) => isBelow(path, directory));

/** Where a path leads; undefined when that is nothing. */
export function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
