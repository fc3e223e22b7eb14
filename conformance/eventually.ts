import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;

/**
 * Asks again and again until `ask` answers with something, and returns it. Errors count as no answer,
 * so that a server may be down meanwhile.
 * @throws Error with the last failure after `timeoutMs`
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}${last ? `; last: ${last}` : ''}`);
}

/** A moment between now and `withinMs`, from a seed that a failing test prints. */
export function randomMoments(seed: number): (withinMs: number) => Promise<void> {
  let state = seed >>> 0;
  return (withinMs) => {
    // Numerical Recipes' linear congruential generator: good enough to choose moments, and repeatable.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return sleep((state / 2 ** 32) * withinMs);
  };
}
