import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROBE_BYTES = 64 * 1024;

/** For tests: a file system of its own, so small that a test can fill it. Undefined, and said, where none can be mounted. */
export function mountSmallDisk(mebibytes: number): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-full-'));
  const options = `size=${mebibytes}m,mode=755`;
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
  if (process.platform === 'linux' && status === 0) return directory;
  rmSync(directory, { recursive: true });
  process.stderr.write('SKIPPED a full disk: no right to mount a small file system here\n');
  return undefined;
}

export function unmountSmallDisk(directory: string): void {
  spawnSync('umount', ['-l', directory]);
  rmSync(directory, { recursive: true, force: true });
}

/** Whether a small file finds room there. The last page alone says nothing: somebody may give one back at any time. */
export function hasRoom(directory: string): boolean {
  const probe = join(directory, 'probe');
  try {
    writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Takes all the room that is left. @returns what gives it back */
export function fillDisk(directory: string): () => void {
  const ballast = join(directory, 'ballast');
  const file = openSync(ballast, 'w');
  // Smaller and smaller pieces, to the last page.
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(size)) < size) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return () => rmSync(ballast);
}
