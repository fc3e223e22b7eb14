import type { Vault } from '../lib/vault.ts';
import type { OpenDatabase } from './database.ts';
import { SealingPlugin } from './sealing.ts';
import { openSqlite } from './sqlite.ts';

export type DatabaseOptions =
  /** `file`: path of the database file, made when it is missing. */
  | { dialect: 'sqlite'; file: string }
  /** `url`: `postgres://user:password@host:port/database`. `onError` hears of idle connections that broke. */
  | { dialect: 'postgres'; url: string; onError?: (error: Error) => void };

/** Opens the database; `migrate` brings its schema up to date. @param vault seals what sealing.ts names; asked for at first need */
export async function openDatabase(
  options: DatabaseOptions,
  vault: () => Vault,
): Promise<OpenDatabase> {
  const plugins = [new SealingPlugin(vault)];
  if (options.dialect === 'sqlite') return openSqlite(options.file, plugins);
  // An embedded server does not carry PostgreSQL's client.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(options.url, plugins, options.onError);
}
