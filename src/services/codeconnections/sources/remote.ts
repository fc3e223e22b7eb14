import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Db, Tx } from '../../../db/database.ts';
import type { Remote } from '../../../git/git-host.ts';
import type { Platform } from '../../../kit/service.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';
import type { Connection, Installation } from '../model/connection.ts';
import { urlBelow } from '../model/repository.ts';
import { findMapping } from '../store/connections.ts';

/** A repository cannot be reached as it is configured: no later try will be better. */
export class RemoteRefused extends Error {
  override name = 'RemoteRefused';
}

/** A password is sealed for its connection: it opens for no other. */
export const sealedFor = (connectionArn: string) => `codeconnections ${connectionArn}`;

/** Where a repository of a connection is. @returns undefined where the connection is PENDING, and knows it not otherwise */
export async function installationOf(
  db: Db | Tx,
  { arn, installation }: Connection,
  fullRepositoryId: string,
): Promise<Installation | undefined> {
  const mapping = await findMapping(db, arn, fullRepositoryId);
  if (mapping) return mapping;
  return installation && { ...installation, url: urlBelow(installation.url, fullRepositoryId) };
}

/**
 * What git is told of a repository of a connection: its URL, its credentials, and the addresses that were checked now.
 * @throws RemoteRefused, OutboundFailed
 */
export async function openRemote(
  platform: Platform,
  connection: Connection,
  fullRepositoryId: string,
  signal?: AbortSignal,
): Promise<Remote> {
  const its = await installationOf(platform.db, connection, fullRepositoryId);
  if (!its) throw new RemoteRefused('The connection is not available');
  const { url, userName, password } = its;
  if (url.startsWith('file:')) {
    await checkFile(url, platform.config.fileRemotes);
    return { url };
  }
  return {
    url,
    addresses: await addresses(platform, url, signal),
    ...(password !== undefined && {
      credentials: {
        userName: userName ?? '',
        password: platform.vault.open(password, sealedFor(connection.arn)).toString(),
      },
    }),
  };
}

async function addresses(platform: Platform, url: string, signal?: AbortSignal) {
  try {
    return await platform.outbound.addresses(url, signal);
  } catch (error) {
    if (error instanceof OutboundRefused) throw new RemoteRefused(error.message);
    if (error instanceof OutboundFailed)
      throw new OutboundFailed(`${new URL(url).host}: ${error.message}`);
    throw error;
  }
}

/** Links within the directory may lead out of it: where the path really is, is what counts. @throws RemoteRefused */
export async function checkFile(url: string, allowed: readonly string[]): Promise<void> {
  const path = fileURLToPath(url);
  for (const candidate of [path, `${path}.git`]) {
    const real = await realpath(candidate).catch(() => undefined);
    if (real === undefined) continue;
    for (const directory of allowed) {
      const below = await realpath(directory).catch(() => directory);
      if (real === below || real.startsWith(below.endsWith(sep) ? below : below + sep)) return;
    }
    break;
  }
  throw new RemoteRefused(
    `${url} is in no directory that this server may read repositories from (--allow-file-remotes)`,
  );
}
