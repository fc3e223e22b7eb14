import { constants, createReadStream } from 'node:fs';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pack as newPack, type Pack } from 'tar-stream';
import { inChunks } from '../lib/in-chunks.ts';
import type { Select } from './executor.ts';

type EntryHeader = Parameters<Pack['entry']>[0];

const PERMISSION_BITS = 0o7777;
/** One more name, of 255 bytes, fits behind it. */
const LONGEST_PATH_BYTES = 3000;

/**
 * The real directory that `path` (as the work sees it, below `root`) names inside `tree`. Links may point
 * anywhere: what leads outside of the tree is refused.
 * @throws Error ENOENT when it does not exist
 */
export async function directoryInTree(tree: string, root: string, path: string): Promise<string> {
  const real = await realpath(join(tree, relativeTo(root, path)));
  const base = await realpath(tree);
  if (real !== base && !real.startsWith(base + sep))
    throw new Error(`${path} leads out of ${root}`);
  return real;
}

/** A tar stream of the selected files and links below `directory`, in the order of their names; directories only when asked for. */
export function packTree(
  directory: string,
  select: Select,
  { directories = false } = {},
): Readable {
  const pack = newPack();
  void packAll(pack, directory, select, directories).then(
    () => pack.finalize(),
    (error: Error) => pack.destroy(error),
  );
  return packed(pack);
}

/** What an archive is read by, for whom every piece of it costs something. */
export function packed(pack: Pack): Readable {
  return Readable.from(inChunks(pack as AsyncIterable<Uint8Array>), { objectMode: false });
}

/** `path` relative to `root`. @throws Error when it is not below */
export function relativeTo(root: string, path: string): string {
  const inside = relative(root, path);
  if (inside === '..' || inside.startsWith(`..${sep}`))
    throw new Error(`${path} is not below ${root}`);
  return inside;
}

async function packAll(
  pack: Pack,
  directory: string,
  select: Select,
  directories: boolean,
): Promise<void> {
  for await (const { name, path, link } of files(directory, '', directories)) {
    if (!(await select(name, link))) continue;
    const stat = await lstat(path);
    const header: EntryHeader = { name, mode: stat.mode & PERMISSION_BITS, mtime: stat.mtime };
    if (stat.isSymbolicLink()) {
      await addEntry(pack, { ...header, type: 'symlink', linkname: await readlink(path) });
    } else if (stat.isDirectory()) {
      await addEntry(pack, { ...header, type: 'directory' });
    } else if (stat.isFile()) {
      await addFile(pack, { ...header, type: 'file', size: stat.size }, path);
    }
  }
}

async function addFile(
  pack: Pack,
  header: EntryHeader & { size: number },
  path: string,
): Promise<void> {
  if (header.size === 0) return addEntry(pack, header);
  // A file that grows while it is read must not break the archive.
  await writeEntry(pack, header, createReadStream(path, { end: header.size - 1 }));
}

/**
 * Writes one entry of an archive from a stream of `header.size` bytes.
 * @throws Error when the stream fails, or when whoever reads the archive has gone
 */
export async function writeEntry(
  pack: Pack,
  header: EntryHeader,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const { promise: written, resolve, reject } = Promise.withResolvers<void>();
  const entry = pack.entry(header, (error) => (error ? reject(error) : resolve()));
  // Without a listener the error of an archive that nobody reads any more would end the process.
  entry.on('error', reject);
  entry.on('close', () => reject(new Error('the archive was closed')));
  written.catch(() => {});
  for await (const chunk of body) {
    if (entry.write(chunk)) continue;
    const drained = new Promise<void>((done) => entry.once('drain', () => done()));
    await Promise.race([drained, written]);
  }
  entry.end(undefined);
  await written;
}

function addEntry(pack: Pack, header: EntryHeader): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.entry(header, '', (error) => (error ? reject(error) : resolve()));
  });
}

/** What is below a directory: its name relative to that of the first, and a path to open it by. */
async function* files(
  directory: string,
  prefix: string,
  directories: boolean,
): AsyncGenerator<{ name: string; path: string; link: boolean }> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = prefix ? `${prefix}/${entry.name}` : entry.name;
    const path = join(directory, entry.name);
    if (!entry.isDirectory() || directories) yield { name, path, link: entry.isSymbolicLink() };
    if (!entry.isDirectory()) continue;
    if (Buffer.byteLength(path) < LONGEST_PATH_BYTES) yield* files(path, name, directories);
    else yield* deepFiles(path, name, directories);
  }
}

/** A tree can be deeper than a path may be long (4,096 bytes on Linux): from here on paths begin anew. */
async function* deepFiles(
  path: string,
  name: string,
  directories: boolean,
): ReturnType<typeof files> {
  const here = await open(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    yield* files(`/proc/self/fd/${here.fd}`, name, directories);
  } finally {
    await here.close();
  }
}
