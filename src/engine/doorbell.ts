import type { Tx } from '../db/database.ts';
import { afterCommit } from '../db/scope.ts';

/** Tells a node at once, after the commit, that there are wake-ups to claim. Those who miss it look again later. */
export interface Doorbell {
  /** Rings for reconciler `name` once `tx` is committed. */
  ring(tx: Tx, name: string): Promise<void>;
  /** From now on calls `answer` when it rings. */
  start(answer: (name: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  /** Under which names this node holds work in the doorbell's own queue. */
  workers(): string[];
  /** Gives what dead workers held back to the others. */
  release(workers: string[]): Promise<void>;
}

/** One process: a call after the commit. */
export function localDoorbell(): Doorbell {
  let answer: ((name: string) => Promise<void>) | undefined;
  return {
    async ring(tx, name) {
      afterCommit(tx, `engine/${name}`, () => void answer?.(name));
    },
    async start(callback) {
      answer = callback;
    },
    async stop() {
      answer = undefined;
    },
    workers: () => [],
    release: async () => {},
  };
}
