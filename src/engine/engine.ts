import type { Tx } from '../db/database.ts';
import type { EngineStatus } from '../lib/engine-status.ts';
import type { Wait } from './held.ts';

/**
 * Durable work. `wake` is called in the transaction that made the work; the reconciler of that name then
 * runs with that key, on one node at a time, until it says that there is nothing more to do.
 */
export interface Engine {
  /** Makes sure reconciler `name` looks at `key` once the transaction is committed, not before `at` (default: at once). Waking twice is one wake-up. */
  wake(tx: Tx, name: string, key: string, at?: Date): Promise<void>;
  /** Lets all that wait for `topic` on any node look, once the transaction is committed. Topics are `service/noun/key`. */
  ring(tx: Tx, topic: string): Promise<void>;
  /**
   * Holds a request: calls `look` at once and after each ring for `topic`, until it sees something or the wait is over.
   * @returns what `look` saw; undefined when the wait ended, or the server stops
   */
  heard<T>(topic: string, look: () => Promise<T | undefined>, wait: Wait): Promise<T | undefined>;
  /** How it goes, over all nodes. */
  status(): Promise<EngineStatus>;
  /** By reconciler: the two numbers of it that are cheap enough to be asked for again and again. */
  lengths(): Promise<Map<string, QueueLength>>;
  /** Asks the reconcilers at once what they missed, and not within the minute. */
  sweep(): Promise<void>;
  start(): Promise<void>;
  /** Resolves once nothing is due and nothing runs on this node, but what stays: for whoever has moved the clock. */
  idle(): Promise<void>;
  /** Stops taking work, waits for the reconcilers that run, and returns. */
  stop(): Promise<void>;
}

export interface QueueLength {
  /** Wake-ups whose time has come. */
  due: number;
  /** Keys whose last run failed. */
  failing: number;
}

/**
 * Looks at one thing, decides, commits, performs at most one effect, and says when to look again.
 * It may run at any time, anywhere, twice: it takes nothing but the key.
 */
export interface Reconciler<C> {
  /** `service/noun`, such as `codebuild/build`. */
  name: string;
  /** How many keys of this reconciler may be worked on at the same time on one node; default 16. */
  concurrency?: number;
  /** How long a run may take, in milliseconds, before it passes for stuck; default a quarter of an hour. It is not ended. */
  longestMs?: number;
  /**
   * A run stays with its key as long as what it looks after is there (a listener that is open, an instance that runs), and
   * hears itself of what is new. So it is never stuck at work, a wake-up of its key waits for nobody while it runs, and
   * `idle` does not wait for it to end.
   */
  stays?: true;
  /**
   * @param signal aborted when the lease is lost or the server stops: stop waiting and return.
   * @returns when to look again; `now` for at once, undefined for not until woken. Throwing means: again, later and later.
   */
  reconcile(ctx: C, key: string, signal: AbortSignal): Promise<Date | 'now' | undefined>;
  /** Keys whose work may have been missed; asked once a minute and at start. */
  sweep?(ctx: C): Promise<string[]>;
}

export function defineReconciler<C>(reconciler: Reconciler<C>): Reconciler<C> {
  return reconciler;
}
