import { append } from '../../lib/append.ts';

/** How sign-ins that fail slow down those that follow. */

/**
 * Of one name tried from one address, of the name wherever it is tried from, and of the address whatever is tried: behind one may
 * be many who mistype. Anybody can make the last two fail, so that they slow down and lock nobody out.
 */
const LIMITS = {
  both: { free: 5, longestMs: 60_000 },
  name: { free: 50, longestMs: 5000 },
  address: { free: 30, longestMs: 5000 },
} as const;
/** So long after the last failure nothing is held against anybody. */
export const FORGOTTEN_MS = 60 * 60_000;

export type Counted = keyof typeof LIMITS;

export interface Failures {
  failures: number;
  /** Epoch milliseconds. */
  lastAt: number;
}

/** How many milliseconds the next try has to wait: each failure beyond the first few doubles it, up to a limit. */
export function waitMs(counted: Counted, { failures, lastAt }: Failures, now: number): number {
  const { free, longestMs } = LIMITS[counted];
  const beyond = failures - free;
  if (beyond < 0 || now - lastAt >= FORGOTTEN_MS) return 0;
  const wait = Math.min(longestMs, 1000 * 2 ** Math.min(beyond, 10));
  return Math.max(0, lastAt + wait - now);
}

/** The count after one failure more. */
export function counted(before: Failures | undefined, now: number): Failures {
  const failures = before && now - before.lastAt < FORGOTTEN_MS ? before.failures : 0;
  return { failures: failures + 1, lastAt: now };
}

/** What counts as one address: of IPv6 each line has 2^64. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!plain.includes(':')) return plain;
  const [front = '', behind] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const first = groups(front);
  if (behind !== undefined) {
    // An IPv4 address at the end stands for two groups.
    const last = groups(behind);
    const given = first.length + last.length + (behind.includes('.') ? 1 : 0);
    for (let missing = 8 - given; missing > 0; missing -= 1) first.push('0');
    append(first, last);
  }
  const network = first.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
