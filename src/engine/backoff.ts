const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/** How long to wait, in milliseconds, after the given number of failures in a row (1 or more): 1 s, 2 s, 4 s … 5 min. */
export function backoff(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}
