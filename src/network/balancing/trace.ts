import { randomFillSync } from 'node:crypto';

const BYTES = 12;
/** Random bytes are fetched for so many at once. */
const AT_ONCE = 256;
const pool = Buffer.alloc(BYTES * AT_ONCE);
let used = pool.length;

/** @returns `1-TIME-ID` https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export function traceId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString('hex', used, used + BYTES);
  used += BYTES;
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `1-${seconds.padStart(8, '0')}-${id}`;
}
