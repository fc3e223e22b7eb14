/** What the system calls answer when there is no room, or no more of it for this user. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** disk_full of PostgreSQL. */
const POSTGRES_FULL = '53100';
/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: the index of the write-ahead log could not grow. */
const SQLITE_FULL = new Set([13, 4874]);
/** What git, other programs that we run, and our own services (aws/protocols/describe-error.ts) say of it. */
const SAID = /No space left on device|Out of diskspace|Disk quota exceeded|\bdisk is full\b/;
const DEEPEST_CAUSE = 8;

/** Is `error`, or what caused it, that there is no room left to write? */
export function isStorageFull(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    const { code, errcode, message } = cause as { code?: string; errcode?: number } & Error;
    if (code !== undefined && (FULL.has(code) || code === POSTGRES_FULL)) return true;
    if (errcode !== undefined && SQLITE_FULL.has(errcode)) return true;
    if (SAID.test(message)) return true;
    cause = cause.cause;
  }
  return false;
}
