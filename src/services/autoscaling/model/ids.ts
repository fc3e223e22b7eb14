import { createHash } from 'node:crypto';

/** An id that follows from what it stands for, in the form of a UUID: decisions have no randomness of their own. */
export function derivedId(...of: (string | number)[]): string {
  const hex = createHash('sha256').update(of.join('\0')).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}
