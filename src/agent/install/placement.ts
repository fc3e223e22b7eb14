import { realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { makeDirectory } from '../../lib/files.ts';

/** Where the paths of an AppSpec are on this host: below a prefix, or where they say. */
export interface Placement {
  /** The host path of an AppSpec's path. `..` does not lead above the prefix. */
  place(path: string): string;
  /** @throws Error when `path` lies outside the prefix once symbolic links are followed */
  check(path: string): Promise<void>;
}

/** Paths as they are: the official agent's way. Relative ones start at the working directory. */
const anywhere: Placement = { place: (path) => resolve(path), check: async () => {} };

export async function makePlacement(prefix: string | undefined): Promise<Placement> {
  if (prefix === undefined) return anywhere;
  makeDirectory(prefix);
  const root = await realpath(prefix);
  return {
    place: (path) => resolve(root, `.${resolve('/', path)}`),
    async check(path) {
      const real = await realParent(path);
      if (real !== root && !real.startsWith(root + sep) && path !== root) {
        throw new Error(
          `The deployment failed because ${path} leads outside the prefix ${root} by a symbolic link.`,
        );
      }
    },
  };
}

/** The real path of the nearest directory above `path` that exists. */
async function realParent(path: string): Promise<string> {
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    try {
      return await realpath(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === dirname(parent))
        throw error;
    }
  }
}
