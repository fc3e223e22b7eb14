import { lstat, realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Db, Tx } from '../../../db/database.ts';
import type { Remote } from '../../../git/git-host.ts';
import type { Platform } from '../../../kit/service.ts';
import { standIn } from '../../../lib/stand-in.ts';
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
  const { userName, password } = its;
  const url = standIn(platform.config.forges, its.url);
  if (url.startsWith('file:')) {
    await realFile(url, platform.config.fileRemotes);
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

/** Where a repository on the disk really is. Links within a directory may lead out of it: that is what counts. @throws RemoteRefused */
export async function realFile(url: string, allowed: readonly string[]): Promise<string> {
  const path = fileURLToPath(url);
  for (const candidate of [path, `${path}.git`]) {
    const real = await realpath(candidate).catch(() => undefined);
    if (real === undefined) continue;
    if (await isBelow(real, allowed)) return real;
    break;
  }
  if (await isMissing(path, allowed)) throw new RemoteRefused(`There is no repository at ${url}`);
  throw new RemoteRefused(
    `${url} is in no directory that this server may read repositories from (--allow-file-remotes)`,
  );
}

async function isBelow(real: string, allowed: readonly string[]): Promise<boolean> {
  for (const directory of allowed) {
    const below = await realpath(directory).catch(() => directory);
    if (real === below || real.startsWith(below.endsWith(sep) ? below : below + sep)) return true;
  }
  return false;
}

/** Is nothing there, in a directory that may be read? What is elsewhere, or not, is nobody's to know, by links neither. */
async function isMissing(path: string, allowed: readonly string[]): Promise<boolean> {
  for (let here = path; here !== dirname(here); here = dirname(here)) {
    const real = await realpath(here).catch(() => undefined);
    if (real !== undefined) return here !== path && (await isBelow(real, allowed));
    const isLink = await lstat(here).then(
      () => true,
      () => false,
    );
    if (isLink) return false;
  }
  return false;
}
