import type Docker from 'dockerode';
import { MOST_PROCESSES } from './container.ts';

/** Into work with so many an engine gets another one only after minutes, and until then cannot end it either. */
const CROWD = MOST_PROCESSES / 8;

/**
 * Tells all processes of the container to end, as a process group; the engine itself only reaches the first. Where that
 * fails, as in a container that has no room for one more process, what follows the grace is all that is left.
 * @param first that one is not the executor's own, which ends with its command, and is told, too
 * @returns false where nobody was told, because they are a crowd; it is not waited for how the engine tells them
 */
export async function terminate(container: Docker.Container, first: boolean): Promise<boolean> {
  // Each is a call of its own: it runs nothing yet.
  const asked = container.exec({ Cmd: ['/bin/sh', '-c', 'kill -TERM -1'] });
  asked.catch(() => {});
  if (await isCrowded(container)) return false;
  const toFirst = () => container.kill({ signal: 'SIGTERM' });
  asked
    .then((exec) => exec.start({ Detach: true }))
    .then(() => first && toFirst(), toFirst)
    .catch(() => {});
  return true;
}

/** Whether the container has so many processes that its first one only can be told to end. False where the engine does not say. */
async function isCrowded(container: Docker.Container): Promise<boolean> {
  const look = { stream: false, 'one-shot': true } as const;
  const { pids_stats: { current = 0, limit } = {} } = (await container
    .stats(look)
    .catch(() => ({}))) as { pids_stats?: { current?: number; limit?: number } };
  // One without room for another process is no better, however few they are.
  return current > CROWD || (limit !== undefined && limit > 0 && current >= limit - 1);
}
