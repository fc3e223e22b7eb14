import { randomBytes } from 'node:crypto';

const COUNTED = 1_000_000;

let last = 0;
let counter = 0;

/**
 * A place in a standard queue: time in milliseconds, a counter of this process, and chance, so that no two servers give
 * out the same. It goes up in each process, whatever its clock does.
 */
export function newPlace(now: number): string {
  counter += 1;
  if (now > last || counter >= COUNTED) {
    last = Math.max(now, last + 1);
    counter = 0;
  }
  const ordered = String(last).padStart(13, '0') + String(counter).padStart(6, '0');
  return ordered + randomBytes(5).toString('hex');
}

/** FIFO's sequence numbers, as AWS writes them: 20 digits. */
export const sequenceNumber = (sequence: number): string =>
  `188${String(sequence).padStart(17, '0')}`;
