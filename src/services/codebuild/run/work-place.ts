import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../../../kit/service.ts';
import type { StoredBuild } from '../store/builds.ts';
import { uuidOf } from './session.ts';

/** Of the driver, in the work's tree. */
export const DRIVER_DIRECTORY = 'slipway';
/** What the executors call a build's work. */
export const workId = (stored: Pick<StoredBuild, 'id'>): string => `build-${uuidOf(stored)}`;

/** A directory for the server's own temporary files of a build; made anew, so that a repeated step starts clean. */
export async function freshDirectory(
  platform: Platform,
  stored: StoredBuild,
  name: string,
): Promise<string> {
  const directory = join(temporaryDirectory(platform.config, stored), name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Deletes all of them. */
export async function removeTemporary(
  config: Platform['config'],
  stored: Pick<StoredBuild, 'id'>,
): Promise<void> {
  await rm(temporaryDirectory(config, stored), { recursive: true, force: true });
}

function temporaryDirectory(
  { dataDir }: Platform['config'],
  stored: Pick<StoredBuild, 'id'>,
): string {
  return join(dataDir, 'tmp', 'builds', uuidOf(stored));
}
