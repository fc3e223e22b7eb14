import type { IOType } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seccompProgram } from './seccomp.ts';

/** What a child gets as its descriptors, from 0 on. */
export type Stdio = (IOType | number)[];

let program: number | undefined;

/**
 * Starts a child with the sandbox's filter as one more descriptor behind `stdio`, which bubblewrap reads to its end
 * and closes. @param start gets the descriptors, and the number that the filter has among them
 */
export function withFilter<T>(stdio: Stdio, start: (stdio: Stdio, filter: number) => T): T {
  program ??= keptProgram();
  // Opened anew for each: who shares a descriptor shares the place in it where reading goes on.
  const own = openSync(`/proc/self/fd/${program}`, 'r');
  try {
    return start([...stdio, own], stdio.length);
  } finally {
    closeSync(own);
  }
}

/** The program in a file without a name, which is gone when this process is. */
function keptProgram(): number {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-filter-'));
  try {
    const file = join(directory, 'seccomp');
    writeFileSync(file, seccompProgram(), { mode: 0o600 });
    return openSync(file, 'r');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
