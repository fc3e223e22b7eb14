import { constants } from 'node:fs';
import {
  type FileHandle,
  lchown,
  link as makeHardLink,
  open,
  symlink,
  unlink,
} from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type ArchiveEntry, archiveEntries } from './archive-entries.ts';
import { inside, OpenDirectories } from './open-directories.ts';
import { relativeTo } from './tree-tar.ts';

type Entry<Kind> = ArchiveEntry & { kind: Kind };

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const PRIVATE = 0o600;

/**
 * Makes the directory `path` inside `tree` and unpacks the tar stream into it. No link is followed on the way, whoever made
 * it and when: what works there may change the tree at the same time.
 * @param root the tree as the work sees it
 * @param uid user and group that all of it is given to; absent: the server's own
 */
export async function unpackInTree(
  tree: string,
  root: string,
  path: string,
  tar: Readable,
  uid?: number,
): Promise<void> {
  const base = relativeTo(root, path).split('/').filter(Boolean);
  const directories = await OpenDirectories.below(tree, uid);
  const linked = await OpenDirectories.below(tree, uid);
  const writer = new TreeWriter(directories, linked, uid);
  try {
    await writer.makeDirectory(base);
    for await (const entry of archiveEntries(tar)) {
      await writer.put({ ...entry, path: [...base, ...entry.path] }, base);
    }
    await writer.settle();
  } finally {
    await writer.close();
  }
}

class TreeWriter {
  readonly #directories: OpenDirectories;
  readonly #linked: OpenDirectories;
  readonly #uid: number | undefined;
  /** What entries say of directories holds when nothing is written into them any more. */
  readonly #settled: { key: string; depth: number; mode: number; mtime: Date }[] = [];

  /** @param linked for files that get second names: those directories are needed beside the others */
  constructor(directories: OpenDirectories, linked: OpenDirectories, uid: number | undefined) {
    this.#directories = directories;
    this.#linked = linked;
    this.#uid = uid;
  }

  async makeDirectory(path: string[]): Promise<void> {
    await this.#directories.at(path);
  }

  /** @param base where names of hard links begin */
  async put(entry: ArchiveEntry, base: string[]): Promise<void> {
    if (entry.kind === 'directory') {
      await this.#directories.at(entry.path);
      // The directory that all goes into is not the archive's.
      const { path, mode, mtime } = entry;
      const [key, depth] = [path.join('/'), path.length];
      if (depth > base.length) this.#settled.push({ key, depth, mode, mtime });
      return;
    }
    const directory = await this.#directories.at(entry.path.slice(0, -1));
    const place = inside(directory, entry.path.at(-1) ?? '');
    if (entry.kind === 'file') await this.#putFile(place, entry);
    else if (entry.kind === 'link') await this.#putLink(place, entry);
    else await this.#putHardLink(place, [...base, ...entry.of]);
  }

  async #putFile(place: string, { body, mode, mtime }: Entry<'file'>): Promise<void> {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const file = await replacing(place, () => open(place, flags, PRIVATE));
    try {
      await file.writeFile(body as AsyncIterable<NodeJS.ArrayBufferView>);
      await this.#settleOne(file, mode, mtime);
    } finally {
      await file.close();
    }
  }

  async #putLink(place: string, { target }: Entry<'link'>): Promise<void> {
    await replacing(place, () => symlink(target, place));
    if (this.#uid !== undefined) await lchown(place, this.#uid, this.#uid);
  }

  async #putHardLink(place: string, of: string[]): Promise<void> {
    const existing = inside(await this.#linked.at(of.slice(0, -1)), of.at(-1) ?? '');
    await replacing(place, () => makeHardLink(existing, place));
  }

  /** Gives directories their modes and times, the deepest first. */
  async settle(): Promise<void> {
    const deepestFirst = this.#settled.toSorted((a, b) => b.depth - a.depth);
    for (const { key, mode, mtime } of deepestFirst) {
      const { handle } = await this.#directories.at(key.split('/'));
      await this.#settleOne(handle, mode, mtime);
    }
  }

  async #settleOne(handle: FileHandle, mode: number, mtime: Date): Promise<void> {
    if (this.#uid !== undefined) await handle.chown(this.#uid, this.#uid);
    await handle.chmod(mode);
    if (!Number.isNaN(mtime.getTime())) await handle.utimes(mtime, mtime);
  }

  async close(): Promise<void> {
    await this.#directories.close();
    await this.#linked.close();
  }
}

/** What is made takes the place of a file or link of its name, never of a directory. */
async function replacing<T>(place: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  await unlink(place);
  return make();
}
