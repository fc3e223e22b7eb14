import type { Tx } from '../../db/database.ts';
import type { Platform } from '../../kit/service.ts';

let last: Promise<unknown> = Promise.resolve();

/**
 * A transaction that writes. On PostgreSQL this server's take turns: serializable transactions conflict by
 * index page, not by row, so that dozens of uploads to neighbouring keys would spend their time repeating
 * each other. What remains are the conflicts with other servers, which are few. SQLite has one writer anyway.
 */
export function commit<T>(ctx: Platform, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (ctx.dialect === 'sqlite') return ctx.transaction(work);
  const mine = last.then(() => ctx.transaction(work));
  last = mine.catch(() => undefined);
  return mine;
}
