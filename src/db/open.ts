import type { OpenDatabase } from './database.ts';
import { openSqlite } from './sqlite.ts';

export type DatabaseOptions =
  /** `file`: path of the database file, made when it is missing. */
  | { dialect: 'sqlite'; file: string }
  /** `url`: `postgres://user:password@host:port/database`. `onError` hears of idle connections that broke. */
  | { dialect: 'postgres'; url: string; onError?: (error: Error) => void };

/** Opens the database; `migrate` brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (options.dialect === 'sqlite') return openSqlite(options.file);
  // An embedded server does not carry PostgreSQL's client.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(options.url, options.onError);
}
