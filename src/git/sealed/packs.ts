import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed } from './files.ts';
import { LogMovedError, type SealedLog } from './log.ts';
import type { SealedPack, SealedState } from './state.ts';

/** Packs of a working copy, and where they lie sealed. */

/** Kinds of files that make a pack, the one last by which git sees that it is there. */
export const PARTS = ['pack', 'rev', 'idx'] as const;

/** Opens the packs of a state that are not there yet. @throws LogMovedError where one has gone meanwhile */
export async function addPacks(
  log: SealedLog,
  directory: string,
  { packs }: SealedState,
  known: ReadonlyMap<string, SealedPack>,
): Promise<void> {
  const folder = join(directory, 'objects', 'pack');
  for (const [name, pack] of packs) {
    if (!/^pack-[0-9a-f]{40}$/.test(name)) throw new Error('Not the name of a pack');
    if (known.has(name) || (await stat(join(folder, `${name}.idx`)).catch(() => undefined)))
      continue;
    const draft = (kind: string) => join(folder, `tmp_pack_${pack.file}.${kind}`);
    const parts = pack.parts.map(({ kind, bytes }) => ({ path: draft(kind), bytes, kind }));
    for (const { path } of parts) await rm(path, { force: true });
    try {
      await readSealed(log.sealOf(pack), parts);
    } catch (error) {
      for (const { path } of parts) await rm(path, { force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new LogMovedError(`A pack of ${directory} has gone`);
      throw error;
    }
    for (const kind of PARTS)
      if (parts.some((part) => part.kind === kind))
        await rename(draft(kind), join(folder, `${name}.${kind}`));
  }
}

export async function removePacks(directory: string, gone: readonly string[]): Promise<void> {
  if (gone.length === 0) return;
  const folder = join(directory, 'objects', 'pack');
  // Of several packs together: git must not look through it for one that is gone.
  for (const file of await readdir(folder))
    if (file.startsWith('multi-pack-index')) await rm(join(folder, file), { force: true });
  // In the other direction than they came: git must not see an index without its pack.
  for (const name of gone)
    for (const kind of [...PARTS].reverse())
      await rm(join(folder, `${name}.${kind}`), { force: true });
}

export function bytesOf({ packs }: SealedState): number {
  let sum = 0;
  for (const { parts } of packs.values()) for (const { bytes } of parts) sum += bytes;
  return sum;
}
