let last = 0;

/**
 * The next number in which changes are ordered: it grows from one to the next, and with time, so that also those of two
 * servers and those after a start come behind.
 */
export function nextSequence(now: Date): number {
  last = Math.max(now.getTime() * 1000, last + 1);
  return last;
}
