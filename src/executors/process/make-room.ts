import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeProcessExecutor, processHandle } from './process-executor.ts';

const KIBIBYTE = 1024;

/**
 * For a server that starts on a full disk, before it knows more than where its work lies: gives up the trees of work that
 * has ended, then its output too, and when there still is no room ends the largest work that runs: nobody could tell a
 * server that does not start to stop it.
 * @param stateDir of the process executor
 * @param needed bytes: work that holds less is left running
 * @returns what was done, in words; undefined when nothing helped
 */
export async function makeRoomOfWork(
  stateDir: string,
  { hasRoom, needed }: { hasRoom: () => boolean; needed: number },
): Promise<string | undefined> {
  const executor = makeProcessExecutor({ stateDir, path: '', sandbox: 'off', hidden: [] });
  const ids = await readdir(stateDir).catch(() => []);
  for (const output of [false, true]) {
    for (const id of ids) await executor.reclaim?.(processHandle(id), { output });
    if (hasRoom()) return 'what ended builds had left was given up';
  }
  let largest = { id: '', bytes: 0 };
  for (const id of ids) {
    const bytes = await sizeOf(join(stateDir, id));
    if (bytes > largest.bytes) largest = { id, bytes };
  }
  if (largest.bytes < needed) return undefined;
  await executor.stop(processHandle(largest.id), 0);
  await executor.reclaim?.(processHandle(largest.id), { output: true });
  return `${largest.id}, which held ${largest.bytes} bytes, was ended`;
}

/** Also of trees that are deeper than a path may be long. Work may be writing: what cannot be read is not counted. */
async function sizeOf(directory: string): Promise<number> {
  const du = promisify(execFile)('du', ['-sk', '--', directory]);
  const { stdout } = await du.catch((error) => ({ stdout: String(error.stdout ?? '') }));
  return (Number.parseInt(stdout, 10) || 0) * KIBIBYTE;
}
