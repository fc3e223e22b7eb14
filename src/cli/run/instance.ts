import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instance, startInstance } from '../demo/instances.ts';
import type { InstanceIdentity } from '../demo/resources.ts';
import { end } from '../demo/server.ts';
import type { Server } from '../server.ts';

/** The agent of the instance that a run deploys to: a directory of this machine. */
export function startAgent(
  server: Server,
  identity: InstanceIdentity,
  directory: string,
): Promise<Instance> {
  return startInstance(server, identity, join(directory, 'instance'), false);
}

/** Ends the agent, and what the scripts of the deployment have left running. */
export async function stopAgent({ agent, prefix }: Instance): Promise<void> {
  await end(agent);
  for (const pid of startedBelow(prefix)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It had ended by itself.
    }
  }
}

/** Scripts of a deployment, and what they start, have the prefix in their environment; it is this run's alone. Linux tells. */
function startedBelow(prefix: string): number[] {
  const mark = `\0INSTANCE_PREFIX=${prefix}\0`;
  const found = (pid: string): boolean => {
    try {
      return `\0${readFileSync(join('/proc', pid, 'environ'), 'utf8')}`.includes(mark);
    } catch {
      return false;
    }
  };
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids
      .filter(found)
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}
