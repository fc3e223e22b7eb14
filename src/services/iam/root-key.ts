import { join } from 'node:path';
import { writeOnce } from '../../lib/files.ts';
import { StartError } from '../../lib/start-error.ts';
import { newId, newSecret } from './model/names.ts';

export interface RootKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** What of the configuration the root key depends on. */
export interface RootKeyConfig {
  dataDir: string;
  rootAccessKeyId?: string;
  rootSecretAccessKey?: string;
}

/**
 * The key of the account's root. Given by configuration, or made at the first start and kept in `root.json`
 * (mode 0600); servers that start at once on one directory agree on it.
 * @throws StartError when only half of a key is given, or its id could not be signed with
 */
export async function ensureRootKey(config: RootKeyConfig): Promise<RootKey> {
  const { rootAccessKeyId: id, rootSecretAccessKey: secret } = config;
  if ((id === undefined) !== (secret === undefined))
    throw new StartError(
      'SLIPWAY_ROOT_ACCESS_KEY_ID and SLIPWAY_ROOT_SECRET_ACCESS_KEY must be set together.',
    );
  if (id !== undefined && secret !== undefined) {
    if (!/^[A-Za-z0-9_]{3,128}$/.test(id))
      throw new StartError(
        'SLIPWAY_ROOT_ACCESS_KEY_ID must be 3 to 128 letters, digits or underscores.',
      );
    return { accessKeyId: id, secretAccessKey: secret };
  }
  const made: RootKey = { accessKeyId: newId('accessKey'), secretAccessKey: newSecret() };
  const file = join(config.dataDir, 'root.json');
  return parseKept(file, writeOnce(file, JSON.stringify(made), 0o600));
}

/** @throws StartError when it is none: to make another one would shut out who has the old one */
function parseKept(file: string, text: string): RootKey {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(text) as Partial<RootKey>;
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  } catch {}
  throw new StartError(
    `${file} is damaged: put it back from a backup, or remove it to have a new root key made.`,
  );
}
