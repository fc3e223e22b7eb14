import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { accountFiles } from './accounts.ts';

/** Files of a data directory with keys of the server itself; those of its accounts are beside them (accounts.ts). */
export const SERVER_KEYS = ['master.key', 'ca.key', 'ssh-host.key'];

const COPIED = new Set([...SERVER_KEYS, 'ca.pem', 'root.json']);

/** True for what a copy of a data directory's keys has in it. @param name relative to the directory, with `/` */
export const isKeyFile = (name: string): boolean =>
  COPIED.has(name) || /^accounts\/\d{12}\.json$/.test(name);

/** By what a server, its clients and its accounts are known again: what is there of it, relative to the directory. */
export function keyFiles(dataDir: string): string[] {
  const ofAccounts = accountFiles(dataDir).map((file) => relative(dataDir, file));
  const all = [...SERVER_KEYS, 'ca.pem', ...ofAccounts];
  return all.filter((name) => isKeyFile(name) && existsSync(join(dataDir, name)));
}
