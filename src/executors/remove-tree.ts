import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Directories deeper than a path may be long, and those that their owner made unwritable (Go's module cache). */
const STUBBORN = /^(ENAMETOOLONG|EACCES|EPERM)$/;

/** Deletes a directory with all that work left in it. */
export async function removeTree(path: string): Promise<void> {
  try {
    // Processes that were killed a moment ago may still be writing.
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    if (!STUBBORN.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // They go from directory to directory, so that no path is too long for them.
    await run('chmod', ['-R', 'u+rwX', '--', path]).catch(() => {});
    await run('rm', ['-rf', '--', path]);
  }
}
