import { Worker } from 'node:worker_threads';
import { QueryTooLargeError } from '../model/insights/held.ts';
import type { Answer, Job } from './thread.ts';

/** A thread that has nothing to do gives its memory back. */
const IDLE_MS = 10_000;

const idle = new Map<QueryThread, NodeJS.Timeout>();

/**
 * A query's own thread: a regular expression may take seconds over one message, and the server goes on meanwhile. Each
 * asks one thing at a time.
 */
export class QueryThread {
  readonly #worker = new Worker(new URL('./thread.ts', import.meta.url));
  #waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined;

  private constructor() {
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#waiting?.resolve(answer));
    this.#worker.on('error', (error) => this.end(error));
    this.#worker.on('exit', () => this.end(new Error('The thread of a query has ended.')));
  }

  /** One that is idle, or a new one. */
  static take(): QueryThread {
    const [known] = idle;
    if (!known) return new QueryThread();
    const [thread, timer] = known;
    clearTimeout(timer);
    idle.delete(thread);
    return thread;
  }

  /** @throws QueryTooLargeError; why the thread was ended */
  async ask<A extends Answer>(job: Job): Promise<A> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting = { resolve, reject };
    this.#worker.ref();
    this.#worker.postMessage(job);
    try {
      const answer = await promise;
      if ('error' in answer) throw failureOf(answer);
      return answer as A;
    } finally {
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  /** Ends it, whatever it does. @param reason what who waits for an answer gets */
  end(reason: unknown): void {
    clearTimeout(idle.get(this));
    idle.delete(this);
    this.#waiting?.reject(reason);
    void this.#worker.terminate();
  }

  /** For the next query. */
  release(): void {
    const timer = setTimeout(() => this.end(new Error('idle')), IDLE_MS);
    timer.unref();
    idle.set(this, timer);
  }
}

const failureOf = ({ error, tooLarge }: { error: string; tooLarge: boolean }) =>
  tooLarge ? new QueryTooLargeError(error) : new Error(error);
