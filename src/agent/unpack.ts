import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { unpackTar } from './archive/tar.ts';
import { unpackZip } from './archive/zip.ts';
import { exists } from './layout.ts';
import type { BundleType } from './revision.ts';

/** Unpacks a bundle into a fresh directory. Nothing is written outside it, whatever the names in the bundle are. */
export async function unpackBundle(
  bundle: string,
  type: BundleType,
  directory: string,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    if (type === 'zip') await unpackZip(bundle, directory);
    else await unpackTar(bundle, type, directory);
    await stripTopDirectory(directory);
  } catch (error) {
    // Half a bundle is of no use, and may have filled the disk.
    await rm(directory, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
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

/**
 * What a `source` names in an unpacked bundle. A link to a file is installed as the link that it is, wherever it leads.
 * @throws Error when anything else leads out
 */
export async function sourceInArchive(archive: string, relative: string): Promise<string> {
  const path = join(archive, relative);
  const found = await lstat(path).catch(() => undefined);
  const isDirectory = await stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
  if (!found?.isSymbolicLink() || isDirectory) return insideArchive(archive, relative);
  await insideArchive(archive, dirname(relative));
  return path;
}
