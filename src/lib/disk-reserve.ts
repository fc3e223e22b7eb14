import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isStorageFull } from './storage-full.ts';

const MEBIBYTE = 1024 * 1024;
/**
 * What deletions write before they free anything: SQLite's log, which is carried over into the database at 16 MB, and as
 * much again for the pages of the database that it is carried over into.
 */
const MOST_BYTES = 32 * MEBIBYTE;
/** A small disk is not taken for the reserve: at most one part in so many. */
const SHARE = 8;
/** With less room than this part of the reserve, the disk is full. */
const FLOOR_SHARE = 32;
const LEAST_FLOOR_BYTES = 64 * 1024;
const STAT_BLOCK_BYTES = 512;

/** For what is refused before it fails: what the system says when there is no room. */
export class NoRoom extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('the disk is full');
  }
}

/**
 * Room on the disk of the data directory that the server holds with a file, and gives back when the disk is full: so that
 * deletions and stops, which write before they free anything, and a start find some. It knows whether the disk is full.
 */
export class DiskReserve {
  /** How large it is when it is whole. */
  readonly bytes: number;
  readonly #directory: string;
  readonly #file: string;
  readonly #floor: number;
  #held = false;
  /** It was given back and is to be taken again before the disk counts as free. */
  #owed = false;
  #fullSince: number | undefined;
  #foundFull = false;

  /** Takes nothing yet. @param directory exists */
  constructor(directory: string) {
    const { blocks, bsize } = statfsSync(directory);
    this.bytes = Math.min(MOST_BYTES, Math.floor((blocks * bsize) / SHARE / MEBIBYTE) * MEBIBYTE);
    this.#directory = directory;
    this.#file = join(directory, 'reserve');
    this.#floor = Math.max(LEAST_FLOOR_BYTES, this.bytes / FLOOR_SHARE);
  }

  /** Takes the room, where there is as much again. One that an earlier server gave back means that the disk was full. */
  open(): void {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    this.#held = found !== undefined && found.blocks * STAT_BLOCK_BYTES >= this.bytes;
    if (this.#held || this.bytes === 0) return;
    if (found) {
      this.#owed = true;
      this.#foundFull = true;
      this.noteFull();
      this.look();
    } else if (this.#free() >= 2 * this.bytes) this.#take();
  }

  /**
   * Since when the disk has been full without a break, in epoch milliseconds, while it is.
   * @returns `found`: it was when this server started, and nobody knows since when
   */
  get fullSince(): { at: number; found: boolean } | undefined {
    return this.#fullSince === undefined
      ? undefined
      : { at: this.#fullSince, found: this.#foundFull };
  }

  /** Whether the disk is full. Looks again only when it was. */
  isFull(): boolean {
    return this.#fullSince !== undefined && this.look();
  }

  /** For work that adds to the disk, whoever does it. @throws NoRoom when the disk is full */
  requireRoom(): void {
    if (this.isFull()) throw new NoRoom();
  }

  /** A write has found no room. */
  noteFull(): void {
    this.#fullSince ??= Date.now();
  }

  /** Looks how much room there is, and takes the reserve again where there is enough. @returns whether the disk is full */
  look(): boolean {
    const free = this.#free();
    if (this.#fullSince === undefined) {
      if (free < this.#floor) this.noteFull();
    } else {
      const enough = 2 * this.#floor + (this.#owed ? this.bytes : 0);
      if (free >= enough && (!this.#owed || this.#take())) {
        this.#fullSince = undefined;
        this.#foundFull = false;
      }
    }
    return this.#fullSince !== undefined;
  }

  /** Gives the room back to the file system. @returns false when it had been already */
  release(): boolean {
    this.noteFull();
    if (!this.#held) return false;
    truncateSync(this.#file);
    this.#held = false;
    this.#owed = true;
    return true;
  }

  /**
   * Bytes that anybody can write. Root may have some more, but how many nothing says: ext4 counts as free what it keeps for
   * itself, too.
   */
  #free(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  #take(): boolean {
    try {
      allocate(this.#file, this.bytes);
      this.#held = true;
      this.#owed = false;
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      truncateSync(this.#file);
    }
    return this.#held;
  }
}

/** Makes a file whose blocks are really there. @throws the system's error when there is no room */
function allocate(file: string, bytes: number): void {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    const { status } = spawnSync('fallocate', ['-l', String(bytes), '--', file]);
    if (status === 0 && statSync(file).blocks * STAT_BLOCK_BYTES >= bytes) return;
    // Where there is no such program, or the file system cannot: written, with what no file system makes smaller.
    const piece = randomBytes(MEBIBYTE);
    for (let at = 0; at < bytes; ) at += writeSync(descriptor, piece, 0, undefined, at);
  } finally {
    closeSync(descriptor);
  }
}
