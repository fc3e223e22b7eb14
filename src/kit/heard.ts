import type { Db, Tx } from '../db/database.ts';

/** The engine's outbox keeps an event for a day: after that it cannot come again. */
const KEPT_MS = 25 * 3_600_000;

/**
 * Which events a service has heard, for work that is to be done once for each though they come at least once.
 * @param table of the service's: `event_id` (its key), and `heard_at` with an index
 */
export function heardIn(table: string) {
  const on = (db: Db | Tx) =>
    db.withTables<Record<string, { event_id: string; heard_at: number }>>();
  return {
    /** Notes it, in the transaction of the work. @returns false where it had been heard before */
    async hear(tx: Tx, eventId: string, at: Date): Promise<boolean> {
      const result = await on(tx)
        .insertInto(table)
        .values({ event_id: eventId, heard_at: at.getTime() })
        .onConflict((c) => c.column('event_id').doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    },
    /** Is there any to forget? */
    async isOverdue(db: Db | Tx, now: Date): Promise<boolean> {
      const old = on(db).selectFrom(table).select('event_id');
      const before = now.getTime() - KEPT_MS;
      return (await old.where('heard_at', '<', before).limit(1).executeTakeFirst()) !== undefined;
    },
    async forget(tx: Tx, now: Date): Promise<void> {
      const before = now.getTime() - KEPT_MS;
      await on(tx).deleteFrom(table).where('heard_at', '<', before).execute();
    },
  };
}
