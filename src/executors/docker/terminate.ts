import type Docker from 'dockerode';
import { MOST_PROCESSES } from './container.ts';

/** Into work with so many an engine gets another one only after minutes, and until then cannot end it either. */
const CROWD = MOST_PROCESSES / 8;

/**
 * All processes of the container, as for a process group; the engine itself only reaches the first. Where that fails,
 * as in a container that has no room for one more process, what follows the grace is all that is left.
 */
export function terminate(container: Docker.Container): void {
  const everyone = { Cmd: ['/bin/sh', '-c', 'kill -TERM -1'] };
  const telling = container.exec(everyone).then((exec) => exec.start({ Detach: true }));
  const toFirst = () => container.kill({ signal: 'SIGTERM' });
  telling.then(toFirst, toFirst).catch(() => {});
}

/** Whether the container has so many processes that its first one only can be told to end. False where the engine does not say. */
export async function isCrowded(container: Docker.Container): Promise<boolean> {
  const look = { stream: false, 'one-shot': true } as const;
  const { pids_stats: { current = 0, limit } = {} } = (await container
    .stats(look)
    .catch(() => ({}))) as { pids_stats?: { current?: number; limit?: number } };
  // One without room for another process is no better, however few they are.
  return current > CROWD || (limit !== undefined && limit > 0 && current >= limit - 1);
}
