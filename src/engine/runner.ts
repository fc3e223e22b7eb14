import type { Logger } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { failureWords } from '../lib/failure-words.ts';
import { backoff } from './backoff.ts';
import type { Reconciler } from './engine.ts';
import * as queue from './queue.ts';

const DEFAULT_CONCURRENCY = 16;
/** How long to wait before the database is asked once more, when it did not answer. */
const DATABASE_RETRY_MS = 1_000;

/** Why a run was told to stop. */
export class StoppedError extends Error {
  override name = 'AbortError';
}

interface RunnerOptions<C> {
  database: OpenDatabase;
  clock: Clock;
  log: Logger;
  reconciler: Reconciler<C>;
  context: () => C;
  /** The name under which this node takes leases now. */
  node: () => string;
  /** Called when the node's own row is gone: it has been declared dead. */
  onDead: () => void;
  /** Called when the clock has been set back: what was to be looked at soon is far away now. */
  onSetBack: () => void;
}

/** Runs one reconciler on this node: claims keys that are due, as many as there is room for, and settles them. */
export class Runner<C> {
  readonly #options: RunnerOptions<C>;
  readonly #name: string;
  readonly #room: number;
  #begun = 0;
  readonly #running = new Map<queue.Claim, AbortController>();
  readonly #done = new Set<Promise<void>>();
  #open = false;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #timer: { at: number; cancel: () => void } | undefined;

  constructor(options: RunnerOptions<C>) {
    this.#options = options;
    this.#name = options.reconciler.name;
    this.#room = options.reconciler.concurrency ?? DEFAULT_CONCURRENCY;
  }

  get reconciler(): Reconciler<C> {
    return this.#options.reconciler;
  }

  /** Begins to take work. */
  open(): void {
    this.#open = true;
  }

  /** Claims what is due. Calls while it looks make it look once more, so that no wake-up is missed. */
  look(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilDone();
    return this.#looking;
  }

  /** Claims what is due and waits until it is settled, unless it stays. @returns whether there was anything */
  async drain(): Promise<boolean> {
    if (this.reconciler.stays) {
      const before = this.#begun;
      await this.look();
      return this.#begun > before;
    }
    // What runs already may end while this looks, and be the one that wakes another.
    const busy = this.#done.size > 0;
    await this.look();
    const any = busy || this.#done.size > 0;
    await Promise.all(this.#done);
    return any;
  }

  /** How many runs have begun. */
  get begun(): number {
    return this.#begun;
  }

  /** Makes sure that somebody looks at `at` (epoch milliseconds). */
  lookAt(at: number): void {
    if (!this.#open || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    const fire = () => {
      this.#timer = undefined;
      if (this.#now() < at - queue.SET_BACK_MS) this.#options.onSetBack();
      void this.look();
    };
    this.#timer = { at, cancel: this.#options.clock.at(new Date(at), fire) };
  }

  /** Tells what runs to stop: its leases are gone, or the server ends. */
  abort(reason: string): void {
    for (const controller of this.#running.values()) controller.abort(new StoppedError(reason));
  }

  /** Takes no more work, and waits for what runs. */
  async close(): Promise<void> {
    this.#open = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#looking;
    this.abort('The server stops.');
    await Promise.all(this.#done);
  }

  async #lookUntilDone(): Promise<void> {
    while (this.#lookAgain && this.#open) {
      this.#lookAgain = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        if (isForeignKeyError(error)) this.#options.onDead();
        else
          this.#options.log.error(
            { err: error, reconciler: this.#name },
            'Could not look for work',
          );
        this.lookAt(this.#now() + DATABASE_RETRY_MS);
      }
    }
    // Here, not when the promise settles: a call in between would be lost.
    this.#looking = undefined;
  }

  async #lookOnce(): Promise<void> {
    const { database, node } = this.#options;
    const free = this.#room - this.#running.size;
    // A run that ends looks again.
    if (free <= 0) return;
    // One time for both questions: what becomes due in between is the timer's.
    const now = this.#now();
    const claims = await queue.claim(database, node(), this.#name, free, now);
    for (const claim of claims) this.#begin(claim);
    const next = await queue.nextDue(database, this.#name, now);
    if (next !== undefined) this.lookAt(next);
  }

  #begin(claim: queue.Claim): void {
    const controller = new AbortController();
    this.#running.set(claim, controller);
    this.#begun += 1;
    const done = this.#run(claim, controller.signal).finally(() => {
      this.#running.delete(claim);
      this.#done.delete(done);
      void this.look();
    });
    this.#done.add(done);
  }

  async #run(claim: queue.Claim, signal: AbortSignal): Promise<void> {
    const { reconciler, context, log } = this.#options;
    let again: queue.Again | undefined;
    try {
      const when = await reconciler.reconcile(context(), claim.key, signal);
      if (when)
        again = { dueAt: when === 'now' ? queue.AT_ONCE : when.getTime(), failing: undefined };
    } catch (error) {
      const now = this.#now();
      const failures = (claim.failing?.failures ?? 0) + 1;
      const failing = {
        ...{ failures, since: claim.failing?.since ?? now },
        words: failureWords(error),
      };
      again = { dueAt: now + backoff(failures), failing };
      if (!signal.aborted) {
        log.error(
          { err: error, reconciler: this.#name, key: claim.key, failures },
          'Reconciler failed',
        );
      }
    }
    // It may have stopped half-way, whatever it returned.
    if (signal.aborted) again = { dueAt: queue.AT_ONCE, failing: claim.failing };
    await this.#settle(claim, again);
  }

  /** Until it is settled the key is nobody else's, so this does not give up while the node lives. */
  async #settle(claim: queue.Claim, again: queue.Again | undefined): Promise<void> {
    const { database, log, clock } = this.#options;
    for (;;) {
      try {
        const mine = await queue.settle(database, claim, again, this.#now());
        if (!mine)
          log.warn({ reconciler: this.#name, key: claim.key }, 'The lease was lost during the run');
        else if (again && again.dueAt !== queue.AT_ONCE) this.lookAt(again.dueAt);
        return;
      } catch (error) {
        log.error({ err: error, reconciler: this.#name, key: claim.key }, 'Could not settle a run');
        // Another node, or this one at its next start, takes over what a server leaves that ends now.
        if (!this.#open) return;
        await new Promise<void>((resolve) => {
          clock.at(new Date(this.#now() + DATABASE_RETRY_MS), resolve);
        });
      }
    }
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}

/** SQLSTATE 23503 of PostgreSQL, SQLITE_CONSTRAINT_FOREIGNKEY. */
function isForeignKeyError(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === '23503' || errcode === 787;
}
