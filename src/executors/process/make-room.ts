import { readdir } from 'node:fs/promises';
import { makeProcessExecutor, processHandle } from './process-executor.ts';

/**
 * For a server that starts on a full disk, before it knows more than where its work lies: gives up the trees of work that
 * has ended, then its output too, and when there still is no room ends the largest work that runs: nobody could tell a
 * server that does not start to stop it.
 * @param since epoch milliseconds: what work has not written after it does not count
 * @param stateDir of the process executor
 * @param needed bytes: work that holds less is left running
 * @returns what was done, in words; undefined when nothing helped
 */
export async function makeRoomOfWork(
  stateDir: string,
  { hasRoom, needed, since }: { hasRoom: () => boolean; needed: number; since?: number },
): Promise<string | undefined> {
  const executor = makeProcessExecutor({ stateDir, path: '', sandbox: 'off', hidden: [] });
  const ids = await readdir(stateDir).catch(() => []);
  for (const output of [false, true]) {
    for (const id of ids) await executor.reclaim?.(processHandle(id), { output });
    if (hasRoom()) return 'what ended builds had left was given up';
  }
  const largest = await executor.largest?.(since);
  if (!largest || largest.bytes < needed) return undefined;
  await executor.stop(largest.handle, 0);
  await executor.reclaim?.(largest.handle, { output: true });
  return `${largest.handle}, which held ${largest.bytes} bytes, was ended`;
}
