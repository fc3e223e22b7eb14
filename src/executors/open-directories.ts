import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const DIRECTORY_MODE = 0o755;
/** More than archives have on the way from one entry to the next, and few of what a process may have open. */
const MOST_OPEN = 16;

/** A directory that is open: what is done in it stays in it, even when its path leads elsewhere meanwhile. */
export interface Directory {
  handle: FileHandle;
  path: string;
}

/** A way to what is in the directory. */
export const inside = ({ handle, path }: Directory, name: string) =>
  process.platform === 'linux' ? `/proc/self/fd/${handle.fd}/${name}` : join(path, name);

/** The directories of a tree, entered without following a link. Those that were used last stay open. */
export class OpenDirectories {
  readonly #root: Directory;
  readonly #uid: number | undefined;
  /** By their paths below the root, the last used last. */
  readonly #open = new Map<string, Directory>();

  private constructor(root: Directory, uid: number | undefined) {
    this.#root = root;
    this.#uid = uid;
  }

  /** @param uid user and group that new directories are given to */
  static async below(path: string, uid?: number): Promise<OpenDirectories> {
    return new OpenDirectories({ handle: await open(path, O_RDONLY | O_DIRECTORY), path }, uid);
  }

  /** The directory below the root, which is made where it is missing; open until another one is asked for. */
  async at(path: string[]): Promise<Directory> {
    const name = path.at(-1);
    if (name === undefined) return this.#root;
    const key = path.join('/');
    const known = this.#open.get(key);
    // Its parent stays open while it is entered: it is the one that was asked for last.
    const directory = known ?? (await this.#enter(await this.at(path.slice(0, -1)), name));
    this.#open.delete(key);
    this.#open.set(key, directory);
    const [oldest] = this.#open;
    if (oldest && this.#open.size > MOST_OPEN) {
      this.#open.delete(oldest[0]);
      await oldest[1].handle.close();
    }
    return directory;
  }

  async close(): Promise<void> {
    for (const { handle } of [...this.#open.values(), this.#root]) await handle.close();
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
