import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageFull } from '../../lib/storage-full.ts';
import { GitRoomError } from '../bounds.ts';
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

/** What a push takes of the room while it is received. */
export interface Incoming {
  /** Bytes that it may bring, if nobody else takes them meanwhile. */
  most: number;
  /** @returns whether there is room for so many bytes more */
  took(bytes: number): boolean;
  /** It has all come, and is that much now. @returns whether there is room for it */
  brought(bytes: number): boolean;
  end(): void;
}

/** Of the room for copies, pushes that are being received may go beyond it by so much. */
const BEYOND = 0.5;
/** And by so much before git's own bound has ended the one that is too large by itself: git says then what it is. */
const FAR_BEYOND = 0.6;
/** The part of the room that a push may take when others have taken all: who brings little need not suffer from who brings much. */
const LITTLE = 1 / 64;
/** Room is looked at again after so many bytes. */
const LOOK_BYTES = 1024 * 1024;

/** The working copies of one server, by repository: made when they are needed, and gone when there is no room for all. */
export class WorkingCopies {
  readonly #place: Pick<WorkingPlace, 'directory' | 'most'>;
  readonly #readers: ReaderPool;
  readonly #make: (id: string, directory: string) => Promise<WorkingCopy>;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();
  /** Bytes of each push that is being received. */
  readonly #incoming = new Set<{ bytes: number }>();
  #fitting: Promise<void> | undefined;
  /** Asked for again meanwhile. */
  #fitsAgain = false;
  #later: NodeJS.Timeout | undefined;
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
      this.#fit();
    };
    try {
      return { copy: await held.made, release };
    } catch (error) {
      release();
      if (this.#held.get(id) === held) this.#held.delete(id);
      throw error;
    }
  }

  /** A push into a copy begins to be received. */
  receive(copy: WorkingCopy): Incoming {
    const { most } = this.#place;
    const mine = { bytes: 0 };
    this.#incoming.add(mine);
    const limit = most * (1 + BEYOND);
    const little = most * LITTLE;
    const inUse = sum([...this.#held.values()].filter(({ users }) => users > 0).map(bytesOf));
    // Whoever is idle goes for it. Its own copy is in use.
    const left = limit - Math.max(inUse, copy.bytes) - sum([...this.#incoming].map(bytesOf));
    let looked = 0;
    const fits = () => {
      this.#fit();
      return mine.bytes <= little || this.bytes <= most * (1 + FAR_BEYOND);
    };
    return {
      most: Math.floor(Math.max(left, little)),
      took: (bytes) => {
        mine.bytes += bytes;
        if (mine.bytes - looked < Math.min(LOOK_BYTES, little)) return true;
        looked = mine.bytes;
        return fits();
      },
      brought: (bytes) => {
        mine.bytes = Math.max(mine.bytes, bytes);
        return fits();
      },
      end: () => this.#incoming.delete(mine),
    };
  }

  /** What is taken of the room, with what is being received. */
  get bytes(): number {
    return sum([...this.#held.values(), ...this.#incoming].map(bytesOf));
  }

  /** Where more is taken than there is room for, copies that nobody uses go. */
  #fit(): void {
    if (this.#closed || this.bytes <= this.#place.most) return;
    this.#fitsAgain = this.#fitting !== undefined;
    this.#fitting ??= this.#makeRoomForIncoming().finally(() => {
      this.#fitting = undefined;
      if (this.#fitsAgain) this.#fit();
    });
  }

  #fitLater(): void {
    if (this.#closed) return;
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#fit();
    }, YOUNG_MS).unref();
  }

  #makeRoomForIncoming(): Promise<void> {
    const rest = this.#place.most - sum([...this.#incoming].map(bytesOf));
    return this.#makeRoom(rest).catch(() => undefined);
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
    clearTimeout(this.#later);
    await Promise.allSettled([...this.#held.values()].map(({ made }) => made));
    await this.#fitting;
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
    // There is none at all: also for a copy that was used a moment ago, as long as nobody does now.
    await this.#makeRoom(0, 0);
    try {
      return await this.#make(id, directory);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      throw new GitRoomError();
    }
  }

  /**
   * Removes copies that nobody uses, the least recently used first, until all are at most that much.
   * @param youngMs how long ago one must have been used, in milliseconds; those that have to wait for it are looked at again then
   */
  async #makeRoom(most: number, youngMs = YOUNG_MS): Promise<void> {
    const copies = [...this.#held].flatMap(([id, held]) =>
      held.copy ? [{ id, held, copy: held.copy }] : [],
    );
    let bytes = copies.reduce((sum, { copy }) => sum + copy.bytes, 0);
    for (const { id, held, copy } of copies) {
      if (bytes <= most) return;
      if (held.users > 0 || this.#held.get(id) !== held) continue;
      if (performance.now() - held.used < youngMs) {
        this.#fitLater();
        continue;
      }
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

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const bytesOf = (one: Held | { bytes: number }): number =>
  'bytes' in one ? one.bytes : (one.copy?.bytes ?? 0);
