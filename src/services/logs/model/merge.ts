/** A run of events that lie closed. */
export interface Run<E> {
  /** The first position, in the direction of reading, that it can hold. */
  start: string;
  bytes: number;
  /** In any order. */
  open(): E[];
}

const FIRST_BYTES = 1;
const MOST_BYTES = 512 * 1024;

/** Brings the events of runs that overlap into one order, and opens no run before it must. */
export class Merge<E extends { id: string }> {
  readonly #before: (a: string, b: string) => boolean;
  /** In the order of their starts. */
  #closed: Run<E>[] = [];
  #waiting: E[] = [];
  #most = FIRST_BYTES;

  constructor(descending: boolean) {
    this.#before = descending ? (a, b) => a > b : (a, b) => a < b;
  }

  add(runs: Run<E>[]): void {
    this.#closed = this.#closed.concat(runs).sort((a, b) => this.#order(a.start, b.start));
  }

  /**
   * What comes before `horizon`: the first position that runs still to be added can hold, undefined when there are
   * none. A few events at first, since most readers want few, and more each time.
   */
  *take(horizon: string | undefined): Generator<{ events: E[]; bytes: number }> {
    const closed = this.#closed;
    let next = 0;
    for (;;) {
      const from = next;
      let bytes = 0;
      for (let run = closed[next]; run && bytes < this.#most; run = closed[next]) {
        if (horizon !== undefined && !this.#before(run.start, horizon)) break;
        bytes += run.bytes;
        for (const event of run.open()) this.#waiting.push(event);
        next += 1;
      }
      const events = this.#ready(closed[next]?.start, horizon);
      if (events.length > 0 || bytes > 0) yield { events, bytes };
      if (next === from) break;
      this.#most = Math.min(Math.max(bytes, this.#most) * 2, MOST_BYTES);
    }
    this.#closed = closed.slice(next);
  }

  #order(a: string, b: string): number {
    if (a === b) return 0;
    return this.#before(a, b) ? -1 : 1;
  }

  /** Takes the events before both positions. */
  #ready(start: string | undefined, horizon: string | undefined): E[] {
    const waiting = this.#waiting.sort((a, b) => this.#order(a.id, b.id));
    const limit =
      start !== undefined && horizon !== undefined && this.#before(horizon, start)
        ? horizon
        : (start ?? horizon);
    const split =
      limit === undefined ? -1 : waiting.findIndex(({ id }) => !this.#before(id, limit));
    this.#waiting = split < 0 ? [] : waiting.slice(split);
    return split < 0 ? waiting : waiting.slice(0, split);
  }
}
