import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';

/** `NAME=VALUE` of a command line. */
export function variableOf(text: string): { name: string; value: string } | undefined {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

export const isDirectory = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** For all that is made for a directory. Fits what is narrowest, the name of a bucket. */
export function nameOf(what: 'run' | 'build', directory: string): string {
  const words = basename(directory)
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter((word) => word !== '');
  const base = words.join('-').slice(0, 30).replace(/-$/, '');
  return [what, base, randomBytes(4).toString('hex')].filter((part) => part !== '').join('-');
}
