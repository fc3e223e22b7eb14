import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageFull } from '../../lib/storage-full.ts';
import { GitLimitError } from '../bounds.ts';
import type { ReaderPool } from '../reader-pool.ts';
import type { WorkingPlace } from './place.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A copy that is used stays; one that was used a moment ago will be again. */
const YOUNG_MS = 2_000;

interface Held {
  made: Promise<WorkingCopy>;
  /** Once it is made. */
  copy?: WorkingCopy;
  users: number;
  used: number;
}

/** The working copies of one server, by repository: made when they are needed, and gone when there is no room for all. */
export class WorkingCopies {
  readonly #place: Pick<WorkingPlace, 'directory' | 'most'>;
  readonly #readers: ReaderPool;
  readonly #make: (id: string, directory: string) => Promise<WorkingCopy>;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();
  #closed = false;

  constructor(
    place: Pick<WorkingPlace, 'directory' | 'most'>,
    readers: ReaderPool,
    make: (id: string, directory: string) => Promise<WorkingCopy>,
  ) {
    this.#place = place;
    this.#readers = readers;
    this.#make = make;
  }

  /** Does something with the copy of a repository, which is there meanwhile. */
  async using<T>(id: string, work: (copy: WorkingCopy) => Promise<T>): Promise<T> {
    const { copy, release } = await this.hold(id);
    try {
      return await work(copy);
    } finally {
      release();
    }
  }

  /** The copy of a repository. @returns also what lets go of it, once */
  async hold(id: string): Promise<{ copy: WorkingCopy; release: () => void }> {
    const held = this.#get(id);
    this.#held.delete(id);
    this.#held.set(id, held);
    held.users += 1;
    held.used = performance.now();
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      held.users -= 1;
      held.used = performance.now();
    };
    try {
      return { copy: await held.made, release };
    } catch (error) {
      release();
      if (this.#held.get(id) === held) this.#held.delete(id);
      throw error;
    }
  }

  /** Forgets the copy of a repository, whoever uses it. */
  async remove(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    this.#held.delete(id);
    const copy = await held.made.catch(() => undefined);
    if (copy) await this.#discard(copy);
  }

  /** Waits for those that are being made, and makes none any more: nobody would remove them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#held.values()].map(({ made }) => made));
  }

  #get(id: string): Held {
    const known = this.#held.get(id);
    if (known?.copy?.sound === false) this.#discard(known.copy).catch(() => undefined);
    else if (known) return known;
    if (this.#closed) throw new Error('The server stops');
    // Each has a place of its own: whoever is still at work on the one before does nothing to it.
    const directory = join(this.#place.directory, `${id}.${randomUUID()}.git`);
    const held: Held = { made: this.#makeRoomAndMake(id, directory), users: 0, used: 0 };
    held.made.then(
      (copy) => {
        held.copy = copy;
      },
      () => undefined,
    );
    return held;
  }

  async #makeRoomAndMake(id: string, directory: string): Promise<WorkingCopy> {
    await this.#makeRoom(this.#place.most);
    try {
      return await this.#make(id, directory);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
    }
    await this.#makeRoom(0);
    try {
      return await this.#make(id, directory);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      throw new GitLimitError(
        `repositories that ${this.#place.directory} has no room for (--working-copies)`,
      );
    }
  }

  /** Removes copies that nobody uses, the least recently used first, until all are at most that much. */
  async #makeRoom(most: number): Promise<void> {
    const copies = [...this.#held].flatMap(([id, held]) =>
      held.copy ? [{ id, held, copy: held.copy }] : [],
    );
    let bytes = copies.reduce((sum, { copy }) => sum + copy.bytes, 0);
    for (const { id, held, copy } of copies) {
      if (bytes <= most) return;
      const young = performance.now() - held.used < YOUNG_MS;
      if (held.users > 0 || young || this.#held.get(id) !== held) continue;
      this.#held.delete(id);
      bytes -= copy.bytes;
      await this.#discard(copy);
    }
  }

  async #discard({ directory }: WorkingCopy): Promise<void> {
    this.#readers.close(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
