import type { Readable } from 'node:stream';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/service.ts';
import { Room } from '../../../lib/room.ts';

/** Fetches and pushes that are under way: each has a git process, which may take much, for as long as its client stays. */
export class Transfers {
  readonly #most: { all: number; ofOne: number };
  readonly #room = new Room();

  constructor(most: { all: number; ofOne: number }) {
    this.#most = most;
  }

  /** @returns what ends it, once; undefined where there is no room */
  begin(repositoryId: string): (() => void) | undefined {
    const { all, ofOne } = this.#most;
    return this.#room.enter(['all', all], [`repository ${repositoryId}`, ofOne]);
  }
}

/** 50 clients that push to one repository at once are none too many. */
const USUAL = { all: 256, ofOne: 100 };
const AGAIN_SECONDS = 5;

/** Those of each server. */
const known = new WeakMap<object, Transfers>();

/**
 * Lets a fetch or push begin, which ends with its answer.
 * @throws HttpError 429 where too many are under way (CC-GIT-02)
 */
export async function transferring<T extends { body: Readable }>(
  { engine, config }: Platform,
  repositoryId: string,
  work: () => Promise<T>,
): Promise<T> {
  const transfers = known.get(engine) ?? new Transfers(config.gitTransfers ?? USUAL);
  known.set(engine, transfers);
  const end = transfers.begin(repositoryId);
  if (!end) {
    const why = 'Rate exceeded: too many fetches and pushes are under way. Try again in a moment.';
    throw new HttpError(429, why, { 'retry-after': String(AGAIN_SECONDS) });
  }
  try {
    const answer = await work();
    if (answer.body.closed) end();
    else answer.body.once('close', end);
    return answer;
  } catch (error) {
    end();
    throw error;
  }
}
