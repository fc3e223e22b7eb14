import { constants, createReadStream } from 'node:fs';
import { lchown, lstat, mkdir, open, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { pack as newPack, type Pack } from 'tar-stream';
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

/**
 * Makes the directory `path` inside `tree` and unpacks the tar stream into it.
 * @param uid user and group that all of it is given to; absent: the server's own
 */
export async function unpackInTree(
  tree: string,
  root: string,
  path: string,
  tar: Readable,
  uid?: number,
): Promise<void> {
  const inside = relativeTo(root, path);
  const made = await mkdir(join(tree, inside), { recursive: true });
  if (uid !== undefined && made) await giveTo(uid, made, join(tree, inside));
  const directory = await directoryInTree(tree, root, path);
  const parts = tar[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await firstBlock(parts);
  // `tar` takes an archive without entries for a broken one.
  if (head.every((byte) => byte === 0)) return drain(parts);
  const whole = Readable.from(concatenated(head, parts), { objectMode: false });
  const owner = uid === undefined ? { preserveOwner: false } : { uid, gid: uid };
  // It takes leading slashes off, refuses `..`, and does not write through links that it finds.
  await pipeline(whole, extract({ cwd: directory, strict: true, ...owner }));
}

/** The directories from `first` down to `last`. */
async function giveTo(uid: number, first: string, last: string): Promise<void> {
  for (let path = last; path.length >= first.length; path = dirname(path))
    await lchown(path, uid, uid);
}

const BLOCK_BYTES = 512;

async function firstBlock(parts: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < BLOCK_BYTES) {
    const { done, value } = await parts.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function drain(parts: AsyncIterator<Buffer>): Promise<void> {
  while (!(await parts.next()).done);
}

async function* concatenated(head: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let part = await parts.next(); !part.done; part = await parts.next()) yield part.value;
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
  return Readable.from(pack);
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
    if (!select(name, link)) continue;
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
  body: AsyncIterable<Uint8Array>,
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
