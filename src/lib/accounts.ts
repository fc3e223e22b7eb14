import { randomInt } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newAccessKeyId, newSecretAccessKey } from './access-key.ts';
import { readText, writeOnce } from './files.ts';
import { StartError } from './start-error.ts';

// The accounts of a data directory and the keys of their roots. Files, so that an account can be made while the server
// runs and while it does not: `root.json` of the directory's first account, `accounts/ID.json` of each further one.

/** An account, and the key of its root: without a secret where the key is given by configuration. */
export interface Account {
  accountId: string;
  accessKeyId: string;
  secretAccessKey?: string;
}

/** An account with a key that can be used. */
export type RootKey = Required<Account>;

const FURTHER = /^\d{12}\.json$/;
const first = (dataDir: string) => join(dataDir, 'root.json');
const further = (dataDir: string) => join(dataDir, 'accounts');

/** The account that the directory was first started with, or undefined when it never was. */
export function firstAccount(dataDir: string): Account | undefined {
  return existsSync(first(dataDir)) ? read(first(dataDir)) : undefined;
}

/** All accounts of a directory, the first one first. */
export function accountsOf(dataDir: string): Account[] {
  const directory = further(dataDir);
  const files = existsSync(directory) ? readdirSync(directory) : [];
  const found = files
    .filter((file) => FURTHER.test(file))
    .sort()
    .map((file) => read(join(directory, file)));
  return [firstAccount(dataDir), ...found].filter((account) => account !== undefined);
}

/** The files that hold the accounts' keys, and the directory of the further ones, whether they are there or not. */
export function accountFiles(dataDir: string): string[] {
  const directory = further(dataDir);
  const files = existsSync(directory) ? readdirSync(directory) : [];
  return [first(dataDir), directory, ...files.map((file) => join(directory, file))];
}

/** Changes whenever an account is added. */
export function accountsStamp(dataDir: string): bigint {
  return statSync(further(dataDir), { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
}

/** A root key of its own for an account. Of two who ask for the same account at once, both get the same. */
export function addAccount(dataDir: string, accountId: string): RootKey {
  const directory = further(dataDir);
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    giveToOwner(dataDir, directory);
  }
  const file = join(directory, `${accountId}.json`);
  const made = parse(
    file,
    writeOnce(file, JSON.stringify(newRootKey(accountId)), 0o600),
  ) as RootKey;
  giveToOwner(dataDir, file);
  return made;
}

/** Makes the directory's first account, unless it is there. @returns the one that is there then */
export function addFirstAccount(dataDir: string, account: Account): Account {
  return parse(first(dataDir), writeOnce(first(dataDir), JSON.stringify(account), 0o600));
}

export function newRootKey(accountId: string): RootKey {
  return { accountId, accessKeyId: newAccessKeyId(), secretAccessKey: newSecretAccessKey() };
}

/** Twelve digits that are none of these accounts'. */
export function newAccountId(taken: readonly Account[]): string {
  for (;;) {
    const accountId = String(randomInt(1e11, 1e12));
    if (!taken.some((account) => account.accountId === accountId)) return accountId;
  }
}

function read(file: string): Account {
  return parse(file, readText(file));
}

/** @throws StartError when it is none: to make another one would shut out who has the old one */
function parse(file: string, text: string): Account {
  try {
    const account = JSON.parse(text) as Partial<Account>;
    if (account.accountId && account.accessKeyId) return account as Account;
  } catch {}
  throw new StartError(
    `${file} is damaged: put it back from a backup, or remove it to have a new root key made.`,
  );
}

/** What root makes in a directory that is another user's must be readable for the server, which runs as that user. */
function giveToOwner(dataDir: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  if (uid !== 0) chownSync(path, uid, gid);
}
