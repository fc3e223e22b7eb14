import { createWriteStream } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { exists } from './layout.ts';
import type { BundleType } from './specification.ts';

/** Unpacks a bundle into a fresh directory. Nothing is written outside it, whatever the names in the bundle are. */
export async function unpackBundle(
  bundle: string,
  type: BundleType,
  directory: string,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  if (type === 'zip') await unpackZip(bundle, directory);
  else await unpackTar(bundle, directory);
  await stripTopDirectory(directory);
}

/** Warnings that mean that a member was not unpacked as it is; others only tell of a leading `/` that was cut off. */
const FATAL_WARNINGS = /^TAR_(ENTRY_ERROR|ENTRY_INVALID|ENTRY_UNSUPPORTED|BAD_ARCHIVE|ABORT)/;

/** Plain or compressed: the library sees which. It refuses members that lead out: `..`, names through links. */
async function unpackTar(bundle: string, directory: string): Promise<void> {
  const problems: string[] = [];
  const onwarn = (code: string, message: string | Error) => {
    if (FATAL_WARNINGS.test(code)) problems.push(String(message));
  };
  try {
    await tar.extract({ file: bundle, cwd: directory, onwarn, processUmask: 0 });
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (problems.length > 0) throw new Error(`Error extracting tar archive: ${problems.join('; ')}`);
}

const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;
const DIRECTORY = 0o040000;

async function unpackZip(bundle: string, directory: string): Promise<void> {
  let zip: ZipFile;
  try {
    // Names are checked here: unzip keeps what leads out inside, the library would refuse the whole bundle.
    zip = await yauzl.openPromise(bundle, { lazyEntries: true, decodeStrings: false });
  } catch (error) {
    throw new Error(`Error extracting zip archive: ${(error as Error).message}`);
  }
  const root = await realpath(directory);
  const links: { file: string; target: string }[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const link = await unpackEntry(zip, entry, root);
      if (link) links.push(link);
    }
  } finally {
    zip.close();
  }
  // Links come last: no entry is written through one.
  for (const { file, target } of links) {
    await rm(file, { force: true });
    await symlink(target, file);
  }
}

/** Writes one entry; a symbolic link is returned instead. */
async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  root: string,
): Promise<{ file: string; target: string } | undefined> {
  const raw = entry.fileName as unknown as Buffer;
  const name = raw.toString('utf8').replaceAll('\\', '/');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  if (parts.length === 0) return undefined;
  const file = join(root, ...parts);
  const mode = entry.externalFileAttributes >>> 16;
  const isDirectory = name.endsWith('/') || (mode & FILE_TYPE) === DIRECTORY;
  await mkdir(isDirectory ? file : dirname(file), { recursive: true });
  if (isDirectory) {
    if (mode & 0o777) await chmod(file, (mode & 0o7777) | 0o700);
    return undefined;
  }
  const body = await zip.openReadStreamPromise(entry);
  if ((mode & FILE_TYPE) === SYMLINK) return { file, target: await text(body) };
  await pipeline(body, createWriteStream(file));
  if (mode & 0o777) await chmod(file, mode & 0o7777);
  return undefined;
}

/** A single directory at the top that contains an AppSpec is the bundle itself (as in tarballs of GitHub). */
async function stripTopDirectory(directory: string): Promise<void> {
  const [top, ...others] = await readdir(directory);
  if (top === undefined || others.length > 0) return;
  const inner = join(directory, top);
  if (!(await lstat(inner)).isDirectory()) return;
  if (!(await readdir(inner)).some((name) => /appspec/i.test(name))) return;
  const aside = `${directory}-temp`;
  await rm(aside, { recursive: true, force: true });
  await rename(directory, aside);
  await rename(join(aside, top), directory);
  await rmdir(aside);
}

/**
 * The real path of `relative` in an unpacked bundle.
 * @throws Error when it does not exist there or leads out of it, by `..` or by a symbolic link
 */
export async function insideArchive(archive: string, relative: string): Promise<string> {
  const path = join(archive, relative);
  if (path !== archive && !path.startsWith(archive + sep) && `${path}${sep}` !== archive) {
    throw new Error(`${relative} is outside the revision.`);
  }
  if (!(await exists(path))) return path;
  const [real, root] = [await realpath(path), await realpath(archive)];
  if (real !== root && !real.startsWith(root + sep))
    throw new Error(`${relative} is outside the revision.`);
  return path;
}
