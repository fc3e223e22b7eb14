import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A file of the console: names as a bundler makes them, none of which is hidden or leads up. */
const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,7}$/;

export interface FoundFile {
  handle: FileHandle;
  stats: Stats;
}

/**
 * Opens a file below `root`: none that a link leads to, nor one behind a directory that is a link.
 * @param path as it was sent: what is encoded in it is no name of ours
 */
export async function findFile(root: string, path: string): Promise<FoundFile | undefined> {
  if (path.length > 512 || !PATH.test(path)) return undefined;
  const real = await realpath(root).catch(() => undefined);
  if (real === undefined) return undefined;
  const wanted = join(real, ...path.split('/'));
  if (!wanted.startsWith(real + sep)) return undefined;
  let handle: FileHandle | undefined;
  try {
    if ((await realpath(wanted)) !== wanted) return undefined;
    // Not a pipe either, which would be waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    handle = await open(wanted, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, stats };
    await handle.close();
    return undefined;
  } catch {
    await handle?.close();
    return undefined;
  }
}
