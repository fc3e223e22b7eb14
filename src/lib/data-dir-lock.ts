import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { privateFile } from './files.ts';
import { StartError } from './start-error.ts';

const SQLITE_BUSY = 5;

/** Makes sure that one server at a time owns a data directory. @returns what lets go of it. @throws StartError */
export function lockDataDir(dataDir: string): () => void {
  return lockFile(
    join(dataDir, 'server.lock'),
    `Another server uses ${dataDir}. Several servers can share a PostgreSQL database (--database).`,
  );
}

/**
 * Takes a lock that one process at a time can have. It is SQLite's own on an empty database: the operating system lets go of
 * it when the process ends, however it ends.
 * @param taken what is said to whoever comes second
 * @returns what lets go of it. @throws StartError when another process has it
 */
export function lockFile(file: string, taken: string): () => void {
  privateFile(file);
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new StartError(taken);
  }
  return () => database.close();
}
