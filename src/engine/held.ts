import type { Clock } from '../lib/clock.ts';

/** How often a held request looks though nothing rang: a ring may be lost with the connection that was to bring it. */
const LOOK_MS = 5_000;

/** How long a request is held. */
export interface Wait {
  until: Date;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal;
}

/** Who on this node waits for which topic. */
export class Held {
  readonly #clock: Clock;
  readonly #bells = new Map<string, Set<() => void>>();
  #open = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets those who wait for `topic` look. */
  ring(topic: string): void {
    for (const ring of this.#bells.get(topic) ?? []) ring();
  }

  /** Lets everybody look. */
  ringAll(): void {
    for (const topic of this.#bells.keys()) this.ring(topic);
  }

  /** Ends every wait, and those that come. */
  close(): void {
    this.#open = false;
    this.ringAll();
  }

  /** Looks at once and whenever it rings for `topic`. @returns what was seen; undefined when the wait ended without */
  async heard<T>(
    topic: string,
    look: () => Promise<T | undefined>,
    { until, signal }: Wait,
  ): Promise<T | undefined> {
    const bell = makeBell(this.#clock);
    // Before the first look: what happens after it rings.
    const remove = this.#add(topic, bell.ring);
    signal?.addEventListener('abort', bell.ring);
    try {
      for (;;) {
        const seen = await look();
        const now = this.#clock.now().getTime();
        if (seen !== undefined) return seen;
        if (now >= until.getTime() || signal?.aborted || !this.#open) return undefined;
        await bell.heard(new Date(Math.min(until.getTime(), now + LOOK_MS)));
      }
    } finally {
      signal?.removeEventListener('abort', bell.ring);
      remove();
    }
  }

  #add(topic: string, ring: () => void): () => void {
    const bells = this.#bells.get(topic) ?? new Set();
    this.#bells.set(topic, bells.add(ring));
    return () => {
      bells.delete(ring);
      if (bells.size === 0) this.#bells.delete(topic);
    };
  }
}

/** Something that can ring before anybody listens. */
function makeBell(clock: Clock) {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    /** Resolves when it has rung since the last time, or at `until`. */
    async heard(until: Date): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const cancel = clock.at(until, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
