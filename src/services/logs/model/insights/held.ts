/** A query that would need more memory than it may have. */
export class QueryTooLargeError extends Error {}

/** What each thing costs beside its text, in bytes or thereabouts. */
const OVERHEAD = 64;

/** Counts what a query holds, so that none takes all of the server's memory. */
export class Held {
  readonly #most: number;
  #now = 0;

  /** @param most in bytes or thereabouts */
  constructor(most: number) {
    this.#most = most;
  }

  /** @throws QueryTooLargeError */
  add(size: number): void {
    this.#now += size + OVERHEAD;
    if (this.#now > this.#most) throw new QueryTooLargeError('The query holds too much at once.');
  }

  drop(size: number): void {
    this.#now -= size + OVERHEAD;
  }
}
