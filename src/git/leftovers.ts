import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface LeftoverAges {
  /** Locks made before this are nobody's: git holds one for milliseconds. */
  locksBefore: Date;
  /** The same for the folders that pushes collect their objects in, which a long push fills for hours. */
  incomingBefore: Date;
}

/**
 * Removes what a git process leaves behind when it is killed itself (a container that ends, a lost machine):
 * a lock would refuse every later change of its reference.
 */
export async function removeLeftovers(
  directory: string,
  { locksBefore, incomingBefore }: LeftoverAges,
): Promise<void> {
  const entries = [
    ...(await list(directory, false)),
    ...(await list(join(directory, 'refs'), true)),
    ...(await list(join(directory, 'objects'), false)),
    ...(await list(join(directory, 'objects', 'info'), false)),
    ...(await list(join(directory, 'objects', 'pack'), false)),
  ];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name.endsWith('.lock')) await removeOld(path, locksBefore);
    // Half a pack, where the disk was full or the process was killed; what fast-import says of its end.
    const half = entry.isFile() && /^(tmp_(pack|idx|rev)_|fast_import_crash_)/.test(entry.name);
    if (half) await removeOld(path, incomingBefore);
    // `incoming-` before git 2.35, `tmp_objdir-incoming-` since; `tmp_objdir-merge-` of scratch.ts.
    const incoming =
      entry.isDirectory() && /^((tmp_objdir-)?incoming|tmp_objdir-merge)-/.test(entry.name);
    if (incoming) await removeOld(path, incomingBefore);
  }
}

async function list(directory: string, recursive: boolean): Promise<Dirent[]> {
  return await readdir(directory, { withFileTypes: true, recursive }).catch(() => []);
}

async function removeOld(path: string, before: Date): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && found.mtime < before) await rm(path, { recursive: true, force: true });
}
