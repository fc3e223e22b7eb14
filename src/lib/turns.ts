import { setImmediate } from 'node:timers/promises';

/** How long, in milliseconds, work may hold the server before others have their turn. */
const SLICE_MS = 10;

let began = 0;
let turns: Promise<void> = Promise.resolve();

/**
 * For work that a user can make long: called between its parts, gives way once the slice is used up. Undefined when there
 * is nothing to wait for.
 */
export type Pause = () => Promise<void> | undefined;

/** @param signal ends the work: the pause after it rejects with its reason */
export function takeTurns(signal: AbortSignal): Pause {
  return () => (performance.now() - began < SLICE_MS ? undefined : nextTurn(signal));
}

/** Of all long work that there is at once one part is done, then the server does what else there is to do. */
export function nextTurn(signal?: AbortSignal): Promise<void> {
  const mine = turns.then(() => setImmediate());
  turns = mine;
  return mine.then(() => {
    began = performance.now();
    signal?.throwIfAborted();
  });
}
