import { constants } from 'node:fs';
import {
  type FileHandle,
  lchown,
  link as makeHardLink,
  mkdir,
  open,
  symlink,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type ArchiveEntry, archiveEntries } from './archive-entries.ts';
import { relativeTo } from './tree-tar.ts';

type Entry<Kind> = ArchiveEntry & { kind: Kind };

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const PRIVATE = 0o600;
const DIRECTORY_MODE = 0o755;

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
  const writer = new TreeWriter(await openDirectory(tree), uid);
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

/** A directory that is open: what is done in it stays in it, even when its path leads elsewhere meanwhile. */
interface Directory {
  handle: FileHandle;
  path: string;
}

async function openDirectory(path: string): Promise<Directory> {
  return { handle: await open(path, O_RDONLY | O_DIRECTORY), path };
}

const inside = ({ handle, path }: Directory, name: string) =>
  process.platform === 'linux' ? `/proc/self/fd/${handle.fd}/${name}` : join(path, name);

class TreeWriter {
  readonly #root: Directory;
  readonly #uid: number | undefined;
  /** The one that was used last: archives go from one directory to the next. */
  #last: { key: string; directory: Directory } | undefined;
  /** What entries say of directories holds when nothing is written into them any more. */
  readonly #directories: { key: string; depth: number; mode: number; mtime: Date }[] = [];

  constructor(root: Directory, uid: number | undefined) {
    this.#root = root;
    this.#uid = uid;
  }

  async makeDirectory(path: string[]): Promise<void> {
    await this.#directory(path);
  }

  /** @param base where names of hard links begin */
  async put(entry: ArchiveEntry, base: string[]): Promise<void> {
    if (entry.kind === 'directory') {
      await this.#directory(entry.path);
      // The directory that all goes into is not the archive's.
      const { path, mode, mtime } = entry;
      const [key, depth] = [path.join('/'), path.length];
      if (depth > base.length) this.#directories.push({ key, depth, mode, mtime });
      return;
    }
    const directory = await this.#directory(entry.path.slice(0, -1));
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
    const directory = await this.#open(of.slice(0, -1));
    try {
      const existing = inside(directory, of.at(-1) ?? '');
      await replacing(place, () => makeHardLink(existing, place));
    } finally {
      await directory.handle.close();
    }
  }

  /** Gives directories their modes and times, the deepest first. */
  async settle(): Promise<void> {
    const deepestFirst = this.#directories.toSorted((a, b) => b.depth - a.depth);
    for (const { key, mode, mtime } of deepestFirst) {
      const { handle } = await this.#directory(key.split('/'));
      await this.#settleOne(handle, mode, mtime);
    }
  }

  async #settleOne(handle: FileHandle, mode: number, mtime: Date): Promise<void> {
    if (this.#uid !== undefined) await handle.chown(this.#uid, this.#uid);
    await handle.chmod(mode);
    if (!Number.isNaN(mtime.getTime())) await handle.utimes(mtime, mtime);
  }

  async close(): Promise<void> {
    await this.#last?.directory.handle.close();
    await this.#root.handle.close();
  }

  /** The directory below the root, which is made where it is missing. */
  async #directory(path: string[]): Promise<Directory> {
    const key = path.join('/');
    if (this.#last?.key === key) return this.#last.directory;
    const directory = await this.#open(path);
    await this.#last?.directory.handle.close();
    this.#last = { key, directory };
    return directory;
  }

  async #open(path: string[]): Promise<Directory> {
    let at = await openDirectory(inside(this.#root, '.'));
    try {
      for (const name of path) {
        const next = await this.#enter(at, name);
        await at.handle.close();
        at = next;
      }
      return at;
    } catch (error) {
      await at.handle.close();
      throw error;
    }
  }

  async #enter(parent: Directory, name: string): Promise<Directory> {
    const place = inside(parent, name);
    const path = join(parent.path, name);
    const enter = () => open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      return { handle: await enter(), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    // Another copy may have made it meanwhile.
    await mkdir(place, DIRECTORY_MODE).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const handle = await enter();
    if (this.#uid !== undefined) await handle.chown(this.#uid, this.#uid);
    return { handle, path };
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
