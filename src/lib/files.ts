import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/** Writes a file whole or not at all: readers see the old content or the new, also after a crash. */
export function writeAtomically(file: string, content: string | Uint8Array, mode: number): void {
  const temporary = writeBeside(file, content, mode);
  renameSync(temporary, file);
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
  return readFileSync(file, 'utf8');
}

function writeBeside(file: string, content: string | Uint8Array, mode: number): string {
  const temporary = `${file}.${randomUUID()}`;
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeSync(fd, content as string);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return temporary;
}
