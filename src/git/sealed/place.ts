import { randomUUID } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { lockFile } from '../../lib/data-dir-lock.ts';
import { StartError } from '../../lib/start-error.ts';

/** Where the working copies of one server are. */
export interface WorkingPlace {
  /** This server's own. */
  directory: string;
  /** Of all copies: who needs more has others go first. */
  most: number;
  /** False where a copy can be read on a disk while it is there. */
  inMemory: boolean;
  /** Removes it with all that is there. */
  remove(): void;
}

const MEMORY = '/dev/shm';
/** Less is what containers get that nobody gave any: too little for a repository of any size. */
const LEAST_MEMORY = 1024 ** 3;
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

/**
 * Makes a place for working copies, and removes those of servers that are gone.
 * @param given the directory in which it shall be; default: in memory, or else where the system has temporary files
 */
export function makeWorkingPlace(given: string | undefined): WorkingPlace {
  const parent = join(given ?? usual(), `slipway-git-${userInfo().uid}`);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(parent);
  // Whoever owns it could put another repository in the place of one.
  if (uid !== userInfo().uid || (mode & 0o77) !== 0)
    throw new StartError(`${parent} is somebody else's, or others may write there.`);
  removeOld(parent);
  const name = randomUUID();
  const directory = join(parent, name);
  const draft = join(parent, `.${name}`);
  mkdirSync(draft, { mode: 0o700 });
  const unlock = lockFile(join(draft, 'lock'), 'This place is taken.');
  renameSync(draft, directory);
  own.add(directory);
  const { type, blocks, bsize } = statfsSync(directory);
  return {
    directory,
    most: Math.floor((blocks * bsize) / 2),
    inMemory: type === TMPFS || type === RAMFS,
    remove() {
      own.delete(directory);
      unlock();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function usual(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { type, blocks, bsize } = statfsSync(MEMORY);
  return type === TMPFS && blocks * bsize >= LEAST_MEMORY ? MEMORY : tmpdir();
}

/** Those of this process. It must not try their locks: the system takes a file's locks away when the process closes it anywhere. */
const own = new Set<string>();

/** A server holds its lock as long as it lives, however it ends. */
function removeOld(parent: string): void {
  for (const name of readdirSync(parent)) {
    const directory = join(parent, name);
    const lock = join(directory, 'lock');
    // One that is being made, or removed.
    if (name.startsWith('.') || own.has(directory) || !existsSync(lock)) continue;
    try {
      lockFile(lock, name)();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Its server lives, or another one removes it at this moment.
    }
  }
}
