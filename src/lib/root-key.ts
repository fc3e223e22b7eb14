import { join } from 'node:path';
import {
  accountsOf,
  accountsStamp,
  addAccount,
  addFirstAccount,
  firstAccount,
  newRootKey,
  type RootKey,
} from './accounts.ts';
import { writeAtomically } from './files.ts';
import { StartError } from './start-error.ts';

/** What of the configuration the root key depends on. */
export interface RootKeyConfig {
  dataDir: string;
  accountId: string;
  rootAccessKeyId?: string | undefined;
  rootSecretAccessKey?: string | undefined;
}

/** The account that a server is started with: the one that was asked for, else the one that its directory began with. */
export function accountOf(config: {
  dataDir: string;
  accountId: string;
  accountGiven: boolean;
}): string {
  if (config.accountGiven) return config.accountId;
  return firstAccount(config.dataDir)?.accountId ?? config.accountId;
}

/**
 * The key of the root of `config.accountId`. Given by configuration, or made at the first start with that account and
 * kept (mode 0600); servers that start at once on one directory agree on it. Accounts that the directory has beside it
 * keep theirs.
 * @throws StartError when only half of a key is given, its id could not be signed with, or it is another account's
 */
export async function ensureRootKey(config: RootKeyConfig): Promise<RootKey> {
  const { dataDir, accountId } = config;
  const given = givenRootKey(config);
  if (given) {
    const other = accountsOf(dataDir).find(
      (account) => account.accessKeyId === given.accessKeyId && account.accountId !== accountId,
    );
    if (other)
      throw new StartError(
        `SLIPWAY_ROOT_ACCESS_KEY_ID is the root key of account ${other.accountId} in ${dataDir}: account ${accountId} needs one of its own.`,
      );
    addFirstAccount(dataDir, { accountId, accessKeyId: given.accessKeyId });
    return given;
  }
  const kept = addFirstAccount(dataDir, newRootKey(accountId));
  if (kept.accountId !== accountId) return addAccount(dataDir, accountId);
  if (kept.secretAccessKey !== undefined) return kept as RootKey;
  // Its key was given by configuration so far.
  const made = newRootKey(accountId);
  writeAtomically(join(dataDir, 'root.json'), JSON.stringify(made), 0o600);
  return made;
}

/** The key that the configuration gives, if it does. @throws StartError as `ensureRootKey` does */
export function givenRootKey(config: RootKeyConfig): RootKey | undefined {
  const { accountId, rootAccessKeyId: id, rootSecretAccessKey: secret } = config;
  if ((id === undefined) !== (secret === undefined))
    throw new StartError(
      'SLIPWAY_ROOT_ACCESS_KEY_ID and SLIPWAY_ROOT_SECRET_ACCESS_KEY must be set together.',
    );
  if (id === undefined || secret === undefined) return undefined;
  if (!/^[A-Za-z0-9_]{3,128}$/.test(id))
    throw new StartError(
      'SLIPWAY_ROOT_ACCESS_KEY_ID must be 3 to 128 letters, digits or underscores.',
    );
  return { accountId, accessKeyId: id, secretAccessKey: secret };
}

/** Root keys by their id. */
export interface RootKeys {
  /** Of those that are known. */
  find(accessKeyId: string): RootKey | undefined;
  /** Of those as well that were made since, which takes a look at the directory. */
  findNew(accessKeyId: string): RootKey | undefined;
}

/** The key of the account that the server was started with, and those of the directory's other accounts. */
export function makeRootKeys(dataDir: string, own: RootKey): RootKeys {
  let stamp = -1n;
  let keys = new Map<string, RootKey>([[own.accessKeyId, own]]);

  function load(): void {
    const now = accountsStamp(dataDir);
    if (now === stamp) return;
    const others = accountsOf(dataDir).filter(({ accountId }) => accountId !== own.accountId);
    const usable = others.filter((account): account is RootKey => 'secretAccessKey' in account);
    keys = new Map([...usable, own].map((key) => [key.accessKeyId, key]));
    stamp = now;
  }

  load();
  return {
    find: (accessKeyId) => keys.get(accessKeyId),
    findNew(accessKeyId) {
      load();
      return keys.get(accessKeyId);
    },
  };
}
