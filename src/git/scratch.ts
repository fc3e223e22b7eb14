import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives `work` the environment in which git finds the objects of a repository, and puts those that it makes where they are
 * removed once that has ended. After a crash they are leftovers, by their folder's name (leftovers.ts).
 */
export async function withScratch<T>(
  directory: string,
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const objects = join(directory, 'objects');
  const scratch = join(objects, `tmp_objdir-merge-${randomUUID()}`);
  try {
    await mkdir(join(scratch, 'info'), { recursive: true });
    await writeFile(join(scratch, 'info', 'alternates'), `${objects}\n`);
    return await work({ GIT_DIR: directory, GIT_OBJECT_DIRECTORY: scratch });
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}
