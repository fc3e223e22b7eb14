import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StartError } from './start-error.ts';

/** Writes a file whole or not at all: readers see the old content or the new, also after a crash. */
export function writeAtomically(file: string, content: string | Uint8Array, mode: number): void {
  const temporary = writeBeside(file, content, mode);
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}

/**
 * Writes a file unless it exists, and returns the content that the file has then: of two servers that
 * start at once on one directory both go on with the same.
 */
export function writeOnce(file: string, content: string, mode: number): string {
  if (!existsSync(file)) {
    const temporary = writeBeside(file, content, mode);
    try {
      linkSync(temporary, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(temporary);
    }
  }
  return readText(file);
}

/**
 * A file's text.
 * @throws the system's error, which always names the file: that of reading a directory does not
 * @throws StartError for a pipe or a device, which may have no end, or wait for somebody to write into it
 */
export function readText(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile() && !found.isDirectory())
      throw new StartError(`${file} is no file but a pipe or a device.`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}

function writeBeside(file: string, content: string | Uint8Array, mode: number): string {
  const temporary = `${file}.${randomUUID()}`;
  const fd = openSync(temporary, 'wx', mode);
  try {
    // Not writeSync: where the disk fills up it writes a part, and says so in its result alone.
    writeFileSync(fd, content);
    fsyncSync(fd);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/** Takes reading and writing away from everybody but the owner, if the file or directory is there. */
export function makePrivate(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  // A link may lead to a device, which is everybody's.
  if (!stat?.isFile() && !stat?.isDirectory()) return;
  const { mode } = stat;
  // Who may pass through a directory is its maker's business: names in it must be known then.
  const kept = mode & 0o7711;
  if (kept !== (mode & 0o7777)) chmodSync(path, kept);
}

/** Makes a directory that its owner alone can read, or makes it so. */
export function privateDirectory(path: string): void {
  makeDirectory(path, 0o700);
  makePrivate(path);
}

/**
 * Makes a directory and those above it, where they are missing. Not Node's `recursive`, which goes round for ever
 * where the system takes no directory and says that there is none: in `/proc`.
 */
export function makeDirectory(path: string, mode = 0o777): void {
  const missing = [resolve(path)];
  for (let above = dirname(resolve(path)); !existsSync(above); above = dirname(above)) {
    missing.unshift(above);
  }
  for (const directory of missing) {
    try {
      mkdirSync(directory, { mode });
    } catch (error) {
      const found = statSync(directory, { throwIfNoEntry: false });
      if (!found?.isDirectory()) throw error;
    }
  }
}

/** Makes an empty file that its owner alone can read unless it exists, and makes it so if it does. */
export function privateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  makePrivate(path);
}

/** Writes a directory's names to the disk: what was renamed into it is still there after a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
