import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Makes sure that one server at a time owns a data directory. The lock is SQLite's own on an empty
 * database: the operating system lets go of it when the process ends, however it ends.
 * @returns what lets go of it. @throws Error when another server has it.
 */
export function lockDataDir(dataDir: string): () => void {
  const database = new DatabaseSync(join(dataDir, 'server.lock'));
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch {
    database.close();
    throw new Error(
      `Another server uses ${dataDir}. Several servers can share a PostgreSQL database (--database).`,
    );
  }
  return () => database.close();
}
