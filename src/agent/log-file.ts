import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { errorCode } from './system-error.ts';

/** As the official agent's logger: a full file is set aside as `.0`, what was `.0` as `.1`, and so on. */
const MOST_BYTES = 64 * 1024 * 1024;
const FILES = 8;

/** Appends to a log that does not grow without end; synchronous, so that nothing is lost when the agent is killed. */
export function appendToLog(file: string, text: string): void {
  if (sizeOf(file) >= MOST_BYTES) setAside(file);
  appendFileSync(file, text);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function setAside(file: string): void {
  const last = FILES - 2;
  rmSync(`${file}.${last}`, { force: true });
  for (let age = last; age >= 0; age -= 1) {
    try {
      renameSync(age === 0 ? file : `${file}.${age - 1}`, `${file}.${age}`);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

/** A moment on the host's clock, as logs have it: `2020-01-02 03:04:05.678`. */
export function localTime(date = new Date()): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').slice(0, 23);
}
