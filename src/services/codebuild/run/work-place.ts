import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../../service.ts';
import type { StoredBuild } from '../store.ts';
import { uuidOf } from './session.ts';

/** A directory for the server's own temporary files of a build; made anew, so that a repeated step starts clean. */
export async function freshDirectory(
  platform: Platform,
  stored: StoredBuild,
  name: string,
): Promise<string> {
  const directory = join(temporaryDirectory(platform, stored), name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Deletes all of them. */
export async function removeTemporary(platform: Platform, stored: StoredBuild): Promise<void> {
  await rm(temporaryDirectory(platform, stored), { recursive: true, force: true });
}

function temporaryDirectory(platform: Platform, stored: StoredBuild): string {
  return join(platform.config.dataDir, 'tmp', 'builds', uuidOf(stored));
}
