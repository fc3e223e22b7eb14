import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRuntime } from '../environment.ts';
import { runGit } from '../process.ts';
import type { SealedLog } from './log.ts';
import { packLoose, packNames } from './packing.ts';
import { parseReferences, REFERENCE_FORMAT, type SealedPack, type SealedState } from './state.ts';

/**
 * Seals the packs of a repository that an earlier version left in the clear, with all of its objects, also those that nothing
 * leads to: pull requests and merges may name them. The repository itself stays as it is but for being packed.
 * @returns what the log has to say of it; undefined where there is none
 */
export async function sealPlain(
  runtime: GitRuntime,
  directory: string,
  log: SealedLog,
): Promise<Omit<SealedState, 'generation'> | undefined> {
  if (!(await stat(join(directory, 'HEAD')).catch(() => undefined))) return undefined;
  await packLoose(runtime, directory);
  const packs = new Map<string, SealedPack>();
  for (const name of await packNames(directory)) {
    const path = (kind: string) => join(directory, 'objects', 'pack', `${name}.${kind}`);
    const parts = ['pack', 'idx'].map((kind) => ({ kind, path: path(kind) }));
    const pack = await log.addPack(name, parts);
    // What it was made of goes.
    await log.verify(pack);
    packs.set(name, pack);
  }
  const listed = await runGit(runtime, directory, ['for-each-ref', `--format=${REFERENCE_FORMAT}`]);
  const head = await runGit(runtime, directory, ['symbolic-ref', 'HEAD']);
  return { head: head.toString('latin1').trim(), references: parseReferences(listed), packs };
}
