import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Clients } from '../demo/resources.ts';
import { filesOf } from '../run/directory.ts';
import { archive } from '../run/source.ts';
import { SOURCE_KEY } from './target.ts';

/** Nothing looks more often. */
const LOOK_EVERY_MS = 1_000;

/** Puts a directory as it is now, uncommitted changes and all, into the bucket. @returns the version to build */
export async function upload(
  { s3 }: Clients,
  { directory, bucket, temporary }: { directory: string; bucket: string; temporary: string },
): Promise<string | undefined> {
  const file = join(temporary, SOURCE_KEY);
  try {
    await archive(directory, file);
    const { VersionId } = await s3.send(
      new PutObjectCommand({
        ...{ Bucket: bucket, Key: SOURCE_KEY, Body: createReadStream(file) },
        ContentLength: statSync(file).size,
      }),
    );
    return VersionId;
  } finally {
    rmSync(file, { force: true });
  }
}

/** Another text when a file of the directory has changed; ignored ones have no part in it. */
export function stateOf(directory: string): string {
  const listed = filesOf(directory);
  const names = listed === undefined ? allBelow(directory) : listed.split('\0');
  const hash = createHash('sha256');
  for (const name of names) {
    const found = lstatSync(join(directory, name), { throwIfNoEntry: false });
    hash.update(`${name}\0${found?.mtimeMs}\0${found?.size}\0${found?.mode}\0`);
  }
  return hash.digest('hex');
}

function allBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^\.git(?:\/|$)/.test(name),
  );
}

/** Resolves once the directory is not what it was. */
export async function changed(directory: string, state: string): Promise<void> {
  while (stateOf(directory) === state) await sleep(LOOK_EVERY_MS);
}
