import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { privateFile } from './files.ts';
import { StartError } from './start-error.ts';

const SQLITE_BUSY = 5;

/**
 * Makes sure that one server at a time owns a data directory. The lock is SQLite's own on an empty
 * database: the operating system lets go of it when the process ends, however it ends.
 * @returns what lets go of it. @throws StartError when another server has it.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'server.lock');
  privateFile(file);
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new StartError(
      `Another server uses ${dataDir}. Several servers can share a PostgreSQL database (--database).`,
    );
  }
  return () => database.close();
}
