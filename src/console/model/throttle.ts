/** How sign-ins that fail slow down those that follow. */

/** Of one user by name, and of one address: behind one address may be many who mistype. */
const FREE = { user: 5, address: 30 } as const;
const LONGEST_MS = 60_000;
/** So long after the last failure nothing is held against anybody. */
export const FORGOTTEN_MS = 60 * 60_000;

export type Counted = keyof typeof FREE;

export interface Failures {
  failures: number;
  /** Epoch milliseconds. */
  lastAt: number;
}

/** How many milliseconds the next try has to wait: each failure beyond the first few doubles it, up to a minute. */
export function waitMs(counted: Counted, { failures, lastAt }: Failures, now: number): number {
  const beyond = failures - FREE[counted];
  if (beyond < 0 || now - lastAt >= FORGOTTEN_MS) return 0;
  const wait = Math.min(LONGEST_MS, 1000 * 2 ** Math.min(beyond, 10));
  return Math.max(0, lastAt + wait - now);
}

/** The count after one failure more. */
export function counted(before: Failures | undefined, now: number): Failures {
  const failures = before && now - before.lastAt < FORGOTTEN_MS ? before.failures : 0;
  return { failures: failures + 1, lastAt: now };
}
