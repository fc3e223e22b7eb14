import { AuthFailure } from './failure.ts';

/** What all requests together may hold of bodies that nobody has vouched for yet. */
export interface BodyBudget {
  /**
   * Room for so many bytes, in the order of asking.
   * @returns gives the room back
   * @throws AuthFailure busy when there is none for as long as an SDK waits before it tries again itself
   */
  admit(bytes: number): Promise<() => void>;
}

/** Two of the largest bodies, or more small ones than a machine has callers. */
const TOTAL_BYTES = 64 * 1024 * 1024;
const WAIT_MS = 20_000;

/** Every body holds this much without asking, so that what others hold up never stands in the way of an ordinary call. */
export const FREE_BYTES = 64 * 1024;

interface Waiting {
  bytes: number;
  start(): void;
}

/**
 * One budget for a server. Room is asked for before a body is read, and for all of it, so that no two bodies can
 * each wait for what the other holds; until then the body stays where it is, in the sender's socket.
 */
export function makeBodyBudget(totalBytes = TOTAL_BYTES, waitMs = WAIT_MS): BodyBudget {
  let free = totalBytes;
  const queue: Waiting[] = [];

  function startNext(): void {
    while (queue[0] && queue[0].bytes <= free) queue.shift()?.start();
  }

  function take(bytes: number): () => void {
    free -= bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += bytes;
      startNext();
    };
  }

  return {
    admit(bytes) {
      if (queue.length === 0 && bytes <= free) return Promise.resolve(take(bytes));
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(new AuthFailure('busy'));
          startNext();
        }, waitMs);
        const waiting: Waiting = {
          bytes,
          start() {
            clearTimeout(late);
            resolve(take(bytes));
          },
        };
        queue.push(waiting);
      });
    },
  };
}
