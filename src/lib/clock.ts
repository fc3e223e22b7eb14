/** Time as the server sees it. Everything that reads the time takes a Clock, so that tests can move it. */
export interface Clock {
  /** The current time. */
  now(): Date;
  /**
   * Calls `wake` once, at or after `at`; the returned function cancels it. Where the clock is set back meanwhile it is called
   * once the time has passed that it was to at first, so before `at`: whoever only waits for a while waits no longer.
   */
  at(at: Date, wake: () => void): () => void;
}

/**
 * Longer waits are split: timers stand still while a machine sleeps, and know nothing of a clock that is set. Node counts
 * them in a signed 32-bit number of milliseconds besides.
 */
const LONGEST_TIMER_MS = 10_000;

export const systemClock: Clock = {
  now: () => new Date(),
  at(at, wake) {
    const until = performance.now() + at.getTime() - Date.now();
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delay = Math.min(at.getTime() - Date.now(), until - performance.now());
      timer =
        delay > LONGEST_TIMER_MS
          ? setTimeout(arm, LONGEST_TIMER_MS)
          : setTimeout(wake, Math.max(0, delay));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Resolves when so many milliseconds have passed, or the signal aborts. */
export async function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const cancel = clock.at(new Date(clock.now().getTime() + ms), end);
  signal.addEventListener('abort', end);
  await promise;
  signal.removeEventListener('abort', end);
  cancel();
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  #timers = new Set<{ at: number; wake: () => void }>();

  constructor(start: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  at(at: Date, wake: () => void): () => void {
    const timer = { at: at.getTime(), wake };
    this.#timers.add(timer);
    if (timer.at <= this.#now) queueMicrotask(() => this.#fire());
    return () => this.#timers.delete(timer);
  }

  /** Moves the time forward by `ms` milliseconds and fires what has become due, earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    this.#fire();
  }

  /** Sets the clock back by `ms` milliseconds: timers fire when as much time has passed as they had left. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) timer.at -= ms;
  }

  #fire(): void {
    const due = [...this.#timers].filter((t) => t.at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.wake();
  }
}
