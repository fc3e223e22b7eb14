import type { Tx } from '../db/database.ts';
import { afterCommit } from '../db/scope.ts';

/** Tells all nodes of what a transaction has committed. Nothing depends on it: those who miss it look again later. */
export interface Doorbell {
  /** Rings for `topic` on every node once `tx` is committed. */
  ring(tx: Tx, topic: string): Promise<void>;
  /** From now on calls `answer` when it rings, and `missed` when it may have rung unheard. */
  start(answer: (topic: string) => void, missed: () => void): Promise<void>;
  stop(): Promise<void>;
}

/** One process: a call after the commit. */
export function localDoorbell(): Doorbell {
  let answer: ((topic: string) => void) | undefined;
  return {
    async ring(tx, topic) {
      afterCommit(tx, `engine/${topic}`, () => answer?.(topic));
    },
    async start(callback) {
      answer = callback;
    },
    async stop() {
      answer = undefined;
    },
  };
}
