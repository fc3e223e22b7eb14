const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;

/** Later and later: after one second, two, four … and never more than five minutes. @param failed tries so far, from 1 */
export const retryAt = (failed: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(FIRST_MS * 2 ** (failed - 1), LONGEST_MS));
