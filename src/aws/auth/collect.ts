import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Gathered } from '../../lib/gathered.ts';
import { type BodyBudget, FREE_BYTES } from './body-budget.ts';
import { AuthFailure } from './failure.ts';
import { sha256Hex } from './signing-key.ts';

/** How a body is read whole. */
export interface Collecting {
  /** Bytes beyond which it is refused. */
  limit: number;
  /** Bytes on the wire, where the sender said how many. */
  length?: number | undefined;
  /** For bodies from outside: the room that they take. With it goes a deadline for them to arrive. */
  budget?: BodyBudget | undefined;
}

/** A body that has been read whole. */
export interface Collected {
  bytes: Buffer;
  /** In hex. */
  sha256(): string;
}

/** What a body may take to arrive: this, and the time that its bytes need on a slow line. */
const GRACE_MS = 20_000;
const SLOWEST_BYTES_PER_MS = 256;

/** Collects a stream. @throws AuthFailure too-large, busy, too-slow, incomplete-body */
export async function collect(source: Readable, how: Collecting): Promise<Collected> {
  const { limit, length, budget } = how;
  if (length !== undefined && length > limit) throw new AuthFailure('too-large');
  if (!budget) return gather(source, how);
  const most = length ?? limit;
  const release = most > FREE_BYTES ? await budget.admit(most - FREE_BYTES) : undefined;
  try {
    return await gather(source, how, GRACE_MS + most / SLOWEST_BYTES_PER_MS);
  } finally {
    release?.();
  }
}

function gather(source: Readable, how: Collecting, deadlineMs?: number): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces(how);
    let late: NodeJS.Timeout | undefined;
    /** The rest is read and dropped, so that the answer reaches the client. */
    const fail = (error: unknown) => {
      clearTimeout(late);
      source.removeAllListeners('data').resume();
      reject(error);
    };
    if (deadlineMs) late = setTimeout(() => fail(new AuthFailure('too-slow')), deadlineMs);
    source.on('data', (chunk: Uint8Array | string) => {
      try {
        pieces.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      } catch (error) {
        fail(error);
      }
    });
    source.on('end', () => {
      clearTimeout(late);
      resolve(pieces);
    });
    source.on('error', fail);
    // Every body closes; only one that closes early is a failure, and making an error costs.
    const closed = () => {
      if (!source.readableEnded) fail(new AuthFailure('incomplete-body'));
    };
    if (source.closed) closed();
    else source.on('close', closed);
  });
}

/** Hashed at a time: each call costs as much as some hundred bytes. */
const HASHED_BYTES = 64 * 1024;

/**
 * The pieces of a body, in one buffer: where its length is known, each goes into its place as it comes, so that it is
 * never held twice. A body of several pieces is hashed as it comes, too, so that none keeps the server from others.
 */
class Pieces implements Collected {
  readonly #how: Collecting;
  readonly #gathered: Gathered;
  #hash: Hash | undefined;
  #hashed = 0;

  constructor(how: Collecting) {
    this.#how = how;
    this.#gathered = new Gathered(how.length);
  }

  /** @throws AuthFailure when it is more than it may be */
  add(piece: Uint8Array): void {
    const { limit, length = limit } = this.#how;
    const size = this.#gathered.size + piece.length;
    if (size > limit) throw new AuthFailure('too-large');
    if (size > length) throw new AuthFailure('incomplete-body');
    this.#gathered.add(piece);
    if (size < length && size - this.#hashed >= HASHED_BYTES) this.#hashOn();
  }

  get bytes(): Buffer {
    return this.#gathered.bytes;
  }

  sha256(): string {
    if (!this.#hash) return sha256Hex(this.bytes);
    this.#hashOn();
    return this.#hash.copy().digest('hex');
  }

  #hashOn(): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(this.bytes.subarray(this.#hashed));
    this.#hashed = this.#gathered.size;
  }
}
