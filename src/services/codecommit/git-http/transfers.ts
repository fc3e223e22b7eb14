import type { Readable } from 'node:stream';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/service.ts';

/** Fetches and pushes that are under way: each has a git process, which may take much, for as long as its client stays. */
export class Transfers {
  readonly #most: { all: number; ofOne: number };
  readonly #ofOne = new Map<string, number>();
  #all = 0;

  constructor(most: { all: number; ofOne: number }) {
    this.#most = most;
  }

  /** @returns what ends it, once; undefined where there is no room */
  begin(repositoryId: string): (() => void) | undefined {
    const now = this.#ofOne.get(repositoryId) ?? 0;
    if (this.#all >= this.#most.all || now >= this.#most.ofOne) return undefined;
    this.#all++;
    this.#ofOne.set(repositoryId, now + 1);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#all--;
      const left = (this.#ofOne.get(repositoryId) ?? 1) - 1;
      if (left === 0) this.#ofOne.delete(repositoryId);
      else this.#ofOne.set(repositoryId, left);
    };
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
