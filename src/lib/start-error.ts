import { DatabaseGoneError } from './database-gone.ts';
import { ownValue } from './own.ts';
import { isStorageFull } from './storage-full.ts';

/** Why a server cannot start, in a sentence for its operator, who can mend it: exit code 1, and no stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Wrong usage: exit code 2. */
export class UsageError extends Error {}

/** What the operating system says of files and ports that are not as they should be. */
const SENTENCES: Record<string, (where: string) => string> = {
  EACCES: (where) => `${where}: permission denied.`,
  EPERM: (where) => `${where}: permission denied.`,
  EROFS: (where) => `${where}: the file system is read-only.`,
  ENOTDIR: (where) => `${where}: a file is where a directory should be.`,
  EEXIST: (where) => `${where}: a file is where a directory should be.`,
  EISDIR: (where) => `${where}: a directory is where a file should be.`,
  EADDRINUSE: (where) => `${where} is in use by another program; --port takes another one.`,
  EADDRNOTAVAIL: (where) => `${where} is no address of this machine; --host takes another one.`,
  ECONNREFUSED: (where) => `Nothing answers at ${where}.`,
  'mkdir ENOENT': (where) => `${where}: no directory can be made there.`,
  ENOTFOUND: (where) => `The name of ${where} is not known.`,
};

/** What to tell the operator when a start failed with `error`; undefined when only the stack can say. @param dataDir where the server keeps its data */
export function startSentence(error: unknown, dataDir: string): string | undefined {
  if (error instanceof StartError) return error.message;
  if (isStorageFull(error)) {
    return `The disk is full: nothing can be written under ${dataDir}. Free some space and start again.`;
  }
  const {
    code = '',
    syscall,
    path,
    address,
    port,
    hostname,
  } = (error ?? {}) as Record<string, string>;
  const host = address ?? hostname;
  const where = path ?? (host && `${host}${port ? `:${port}` : ''}`);
  const sentence = ownValue(SENTENCES, code) ?? ownValue(SENTENCES, `${syscall} ${code}`);
  if (where && sentence) return sentence(where);
  return error instanceof DatabaseGoneError ? error.message : undefined;
}
