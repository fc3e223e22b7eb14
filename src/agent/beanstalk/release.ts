import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { downloadBundle, type S3Options } from '../download.ts';
import type { S3Revision } from '../revision.ts';
import { unpackBundle } from '../unpack.ts';
import { BUNDLE, CURRENT, giveTree, PATH, STAGING } from './layout.ts';
import { environmentOf, runToEnd } from './run.ts';
import { type Files, installOf, type Program, programsOf, refusedFile } from './start.ts';

/** A version as the server names it. */
export interface Release {
  label: string;
  deployment: number;
  bucket: string;
  key: string;
  checksum: string;
  bytes: number;
}

const INSTALL_MS = 10 * 60_000;

/** Fetches a version and makes it ready beside the one that runs. @throws Error in words for whoever deploys */
export async function stage(
  s3: S3Options,
  release: Release,
  { properties, port }: { properties: Record<string, string>; port: number },
  onOutput: (chunk: Buffer) => void,
): Promise<Program[]> {
  const { bucket, key, checksum, bytes } = release;
  await mkdir(dirname(BUNDLE), { recursive: true });
  await mkdir(dirname(STAGING), { recursive: true });
  const revision: S3Revision = { from: 'S3', bucket, key, checksum, bytes, bundleType: 'zip' };
  await downloadBundle(s3, revision, BUNDLE);
  await unpackBundle(BUNDLE, 'zip', STAGING);
  await rm(BUNDLE, { force: true });
  const files = await filesOf(STAGING);
  const refused = refusedFile(files.names);
  if (refused !== undefined) throw new Error(refused);
  const programs = programsOf(files);
  await giveTree(STAGING);
  const install = installOf(files);
  if (install) {
    const env = environmentOf(properties, port);
    await runToEnd(install, { cwd: STAGING, env, forMs: INSTALL_MS, onOutput });
  }
  return programs;
}

/** What was made ready takes the place of what ran. */
export async function takePlace(): Promise<void> {
  const before = `${CURRENT}.before`;
  await rm(before, { recursive: true, force: true });
  await rename(CURRENT, before).catch(() => {});
  await rename(STAGING, CURRENT);
  await rm(before, { recursive: true, force: true });
}

/** How what is in place is started. @throws Error */
export const programsIn = async (directory: string): Promise<Program[]> =>
  programsOf(await filesOf(directory));

async function filesOf(directory: string): Promise<Files> {
  const names = await readdir(directory);
  const read = (name: string) =>
    names.includes(name) ? ownText(join(directory, name)) : undefined;
  return {
    procfile: await read('Procfile'),
    packageJson: await read('package.json'),
    ...{ names, npm: await hasNpm() },
  };
}

const LONGEST_FILE = 1024 * 1024;

/** A file of the bundle itself: the agent is root, and a link could lead anywhere. @throws Error */
async function ownText(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const name = basename(path);
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error) => {
    throw error.code === 'ELOOP' ? new Error(`${name} is no plain file.`) : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error(`${name} is no plain file.`);
    if (found.size > LONGEST_FILE) throw new Error(`${name} is longer than ${LONGEST_FILE} bytes.`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(found.size), 0, found.size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function hasNpm(): Promise<boolean> {
  for (const folder of PATH.split(':')) {
    const found = await access(join(folder, 'npm'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
