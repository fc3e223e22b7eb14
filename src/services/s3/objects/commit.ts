import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';

let last: Promise<unknown> = Promise.resolve();

/**
 * A transaction that writes, and what it wrote is on the disk when it returns: S3 promises that of what it has
 * acknowledged. On PostgreSQL this server's take turns: serializable transactions conflict by
 * index page, not by row, so that dozens of uploads to neighbouring keys would spend their time repeating
 * each other. What remains are the conflicts with other servers, which are few. SQLite has one writer anyway.
 */
export async function commit<T>(ctx: Platform, work: (tx: Tx) => Promise<T>): Promise<T> {
  const mine =
    ctx.dialect === 'sqlite' ? ctx.transaction(work) : last.then(() => ctx.transaction(work));
  if (ctx.dialect !== 'sqlite') last = mine.catch(() => undefined);
  const result = await mine;
  await ctx.synced();
  return result;
}
