import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAINTENANCE } from '../bounds.ts';
import type { GitRuntime } from '../environment.ts';
import { runGit } from '../process.ts';

/** Makes a pack of the objects that are files of their own, whatever leads to them. */
export async function packLoose(runtime: GitRuntime, directory: string): Promise<void> {
  const objects = join(directory, 'objects');
  const folders = (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const ids: string[] = [];
  for (const folder of folders)
    for (const name of await readdir(join(objects, folder)))
      if (/^[0-9a-f]{38}$/.test(name)) ids.push(`${folder}${name}\n`);
  if (ids.length === 0) return;
  const args = ['pack-objects', '--quiet', join(objects, 'pack', 'pack')];
  await runGit(runtime, directory, args, { stdin: ids.join(''), bounds: MAINTENANCE });
  await runGit(runtime, directory, ['prune-packed', '--quiet']);
}

/** Names of the packs that are whole: `pack-…`. */
export async function packNames(directory: string): Promise<string[]> {
  const all = await readdir(join(directory, 'objects', 'pack'));
  return all.filter((name) => /^pack-[0-9a-f]{40}\.idx$/.test(name)).map((one) => one.slice(0, -4));
}
