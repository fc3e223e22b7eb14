import { appendFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeAtomically } from '../lib/files.ts';
import { identityOf, isAlive, type ProcessIdentity, sendSignal } from '../lib/process-table.ts';
import type { Layout } from './layout.ts';

/** A command that was in progress longer ago is not reported any more. */
const STALE_MS = 24 * 3600_000;
/** A script that does not heed SIGTERM is killed after this; so long is how often it is looked whether it has gone. */
const KILL_AFTER_MS = 10_000;
const LOOK_MS = 50;
/** What `writeAtomically` had not done with: the command was not acknowledged yet, and is offered again. */
const HALF_WRITTEN = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A command that ran when the agent was killed. */
export interface Interrupted {
  deploymentId: string;
  identifier: string;
  /** Its hook's scripts, as far as the agent had started them. */
  scripts: ProcessIdentity[];
}

/** Notes which command runs, so that the agent can report it as failed when it was killed in the middle. */
export async function track(
  layout: Layout,
  deploymentId: string,
  commandIdentifier: string,
): Promise<void> {
  await mkdir(layout.ongoing, { recursive: true });
  writeAtomically(join(layout.ongoing, deploymentId), commandIdentifier, 0o644);
}

/**
 * Notes a script that the command has just started. Nothing is waited for, not the disk either: an agent that is killed
 * before this does not know of the script. Without /proc nobody could tell it from another process later.
 */
export function trackScript(layout: Layout, deploymentId: string, pid: number): void {
  const identity = identityOf(pid);
  if (!identity) return;
  const { bootId, startTicks } = identity;
  appendFileSync(join(layout.ongoing, deploymentId), `\n${pid} ${bootId} ${startTicks}`);
}

export async function untrack(layout: Layout, deploymentId: string): Promise<void> {
  await rm(join(layout.ongoing, deploymentId), { force: true });
}

/** Commands that ran when the agent was killed. What else lies there goes. */
export async function interruptedCommands(layout: Layout): Promise<Interrupted[]> {
  const names = await readdir(layout.ongoing).catch(() => []);
  const found: Interrupted[] = [];
  for (const name of names) {
    const file = join(layout.ongoing, name);
    const noted = await stat(file);
    const counts = noted.isFile() && !HALF_WRITTEN.test(name);
    if (counts && Date.now() - noted.mtimeMs < STALE_MS)
      found.push({ deploymentId: name, ...parse(await readFile(file, 'utf8')) });
    else await rm(file, { recursive: true, force: true });
  }
  return found;
}

function parse(text: string): Pick<Interrupted, 'identifier' | 'scripts'> {
  const [identifier = '', ...lines] = text.split('\n');
  const scripts = lines.flatMap((line) => {
    const [, pid, bootId = '', startTicks] = /^(\d+) (\S+) (\d+)$/.exec(line) ?? [];
    return pid === undefined ? [] : { pid: Number(pid), bootId, startTicks };
  });
  return { identifier, scripts };
}

/**
 * Ends what a killed agent has left running of its script, with all of the script's process group, as when its time is up.
 * A script that has ended stays as it is: what it has left in the background is the application.
 */
export async function endScripts({ scripts }: Interrupted): Promise<void> {
  const running = scripts.filter(isAlive);
  for (const { pid } of running) sendSignal(-pid, 'SIGTERM');
  const until = Date.now() + KILL_AFTER_MS;
  while (running.some(isAlive) && Date.now() < until) await wait(LOOK_MS);
  for (const { pid } of running) sendSignal(-pid, 'SIGKILL');
}
