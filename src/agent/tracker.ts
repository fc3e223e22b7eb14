import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../lib/files.ts';
import type { Layout } from './layout.ts';

/** A command that was in progress longer ago is not reported any more. */
const STALE_MS = 24 * 3600_000;

/** Notes which command runs, so that the agent can report it as failed when it was killed in the middle. */
export async function track(
  layout: Layout,
  deploymentId: string,
  commandIdentifier: string,
): Promise<void> {
  await mkdir(layout.ongoing, { recursive: true });
  writeAtomically(join(layout.ongoing, deploymentId), commandIdentifier, 0o644);
}

export async function untrack(layout: Layout, deploymentId: string): Promise<void> {
  await rm(join(layout.ongoing, deploymentId), { force: true });
}

/** Commands that ran when the agent was killed. */
export async function interruptedCommands(
  layout: Layout,
): Promise<{ deploymentId: string; identifier: string }[]> {
  const names = await readdir(layout.ongoing).catch(() => []);
  const found = await Promise.all(
    names.map(async (deploymentId) => {
      const file = join(layout.ongoing, deploymentId);
      const fresh = Date.now() - (await stat(file)).mtimeMs < STALE_MS;
      return { deploymentId, fresh, identifier: await readFile(file, 'utf8') };
    }),
  );
  for (const { deploymentId } of found.filter((command) => !command.fresh))
    await untrack(layout, deploymentId);
  return found.filter((command) => command.fresh);
}
