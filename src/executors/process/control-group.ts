import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';

const KILL = 'cgroup.kill';
/** What was killed is in its group until it is gone, which takes no time to speak of. */
const ROUNDS = 20;
const ROUND_MS = 50;

/**
 * Makes a control group (version 2) below the server's own, where the system lets it: by its group work is found and ended
 * wherever it went and whatever it took off. https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @returns its directory; undefined where there are none, they belong to somebody else, or cannot be killed (Linux < 5.14)
 */
export function makeControlGroup(name: string): string | undefined {
  try {
    const group = join(ownGroup(), `slipway-${name}`);
    mkdirSync(group, { recursive: true });
    if (readdirSync(group).includes(KILL)) return group;
    rmdirSync(group);
  } catch {
    // No Linux, or no right: there is the marker still (wrapper.ts).
  }
  return undefined;
}

/** Ends all that is in the group, and deletes it. */
export async function endControlGroup(group: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    try {
      writeFileSync(join(group, KILL), '1');
      rmdirSync(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await later(ROUND_MS);
    }
  }
}

/** The directory of this process's own group. @throws Error where there is none */
function ownGroup(): string {
  const path = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  // ID PARENT DEVICE ROOT PLACE … - TYPE …
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const mount = mounts.find((line) => line.includes(' - cgroup2 '))?.split(' ');
  const [root, place] = [mount?.[3], mount?.[4]];
  if (!path || root !== '/' || !place) throw new Error('no control groups');
  return join(place, path);
}
