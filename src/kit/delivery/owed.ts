import type { Db, Tx } from '../../db/database.ts';
import { decodeJson, encodeJson } from '../../lib/json.ts';
import type { Platform } from '../service.ts';
import type { Failure } from './failure.ts';
import { nextTry } from './retry.ts';

/** Something that a service owes somebody, noted in the transaction of what it tells of. */
export interface Owed {
  id: string;
  startedAt: Date;
  /** The next try is not before. */
  dueAt: Date;
  /** Tries that failed. */
  attempts: number;
}

/** Those that one sweep wakes. */
const SWEPT_AT_ONCE = 1000;

export type OwedStore<T extends Owed> = ReturnType<typeof owedIn<T>>;

/** What a service owes. @param table of the service's: `id` (its key), `due_at` with an index, and `body` */
export function owedIn<T extends Owed>(table: string) {
  const on = (db: Db | Tx) =>
    db.withTables<Record<string, { id: string; due_at: number; body: string }>>();
  return {
    async find(db: Db | Tx, id: string): Promise<T | undefined> {
      const all = on(db).selectFrom(table).selectAll();
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && ({ id, dueAt: new Date(row.due_at), ...decodeJson<object>(row.body) } as T);
    },
    async save(tx: Tx, { id, dueAt, ...its }: T): Promise<void> {
      const values = { due_at: dueAt.getTime(), body: encodeJson(its) };
      await on(tx)
        .insertInto(table)
        .values({ id, ...values })
        .onConflict((c) => c.column('id').doUpdateSet(values))
        .execute();
    },
    async delete(tx: Tx, id: string): Promise<void> {
      await on(tx).deleteFrom(table).where('id', '=', id).execute();
    },
    /** Some of those whose time has come: the engine's sweep wakes what was missed. @param now epoch ms */
    async listDue(db: Db | Tx, now: number): Promise<string[]> {
      const rows = await on(db)
        .selectFrom(table)
        .select('id')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(SWEPT_AT_ONCE)
        .execute();
      return rows.map(({ id }) => id);
    },
  };
}

/**
 * Brings what is owed: at least once, and again and again for a day while that may help.
 * @returns when to look again, for the engine
 */
export async function bring<T extends Owed>(
  ctx: Platform,
  store: OwedStore<T>,
  id: string,
  {
    send,
    givenUp,
  }: { send(owed: T): Promise<Failure | undefined>; givenUp(owed: T, failure: Failure): void },
): Promise<Date | undefined> {
  const owed = await store.find(ctx.db, id);
  if (!owed) return undefined;
  if (owed.dueAt > ctx.clock.now()) return owed.dueAt;
  const failure = await send(owed);
  const { startedAt, attempts } = owed;
  const times = { retries: attempts, startedAt, now: ctx.clock.now() };
  const next = failure?.again ? nextTry({}, times) : undefined;
  if (next instanceof Date) {
    const later = { ...owed, dueAt: next, attempts: attempts + 1 };
    await ctx.transaction((tx) => store.save(tx, later));
    return next;
  }
  if (failure) givenUp(owed, failure);
  await ctx.transaction((tx) => store.delete(tx, id));
  return undefined;
}
