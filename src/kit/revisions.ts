import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../db/database.ts';

interface Owner {
  accountId: string;
  region: string;
}

type Tables = Record<string, { account_id: string; region: string; revision: string }>;

/** Revisions whose contents are kept in memory. */
const MAX_KNOWN = 200;

/**
 * Of what accounts have few of and every event asks for, such as rules: a revision of all of an account's in a region, by
 * which each server keeps them in memory.
 * @param table of the service's: `account_id`, `region` (its key), `revision`
 */
export function revisionsIn(table: string) {
  const on = (db: Db | Tx) => db.withTables<Tables>();
  // One step of a machine tells of many events: within its transaction a revision is read once.
  const seen = new WeakMap<Tx, Map<string, Promise<string | undefined>>>();
  const read = async (db: Db | Tx, { accountId, region }: Owner) => {
    const row = await on(db)
      .selectFrom(table)
      .select('revision')
      .where('account_id', '=', accountId)
      .where('region', '=', region)
      .executeTakeFirst();
    return row?.revision;
  };
  return {
    /**
     * In the transaction of a change: whoever has them in memory reads them again. At random, not by counting: what was
     * read of a transaction that came to nothing is never taken for what comes after it.
     */
    async changed(tx: Tx, { accountId: account_id, region }: Owner): Promise<void> {
      const revision = randomUUID();
      seen.delete(tx);
      await on(tx)
        .insertInto(table)
        .values({ account_id, region, revision })
        .onConflict((c) => c.columns(['account_id', 'region']).doUpdateSet({ revision }))
        .execute();
    },
    /** Undefined where there never was a change. */
    find(db: Db | Tx, owner: Owner): Promise<string | undefined> {
      if (!db.isTransaction) return read(db, owner);
      const key = `${owner.accountId} ${owner.region}`;
      const known = seen.get(db as Tx) ?? new Map<string, Promise<string | undefined>>();
      seen.set(db as Tx, known);
      const revision = known.get(key) ?? read(db, owner);
      known.set(key, revision);
      return revision;
    },
  };
}

/**
 * Keeps what `load` reads, by revision, which says all: a change makes another one.
 * @returns reads one row where nothing has changed; undefined where there never was anything
 */
export function remembered<T, O extends Owner>(
  revisions: Pick<ReturnType<typeof revisionsIn>, 'find'>,
  load: (db: Db | Tx, owner: O) => Promise<T>,
): (db: Db | Tx, owner: O) => Promise<T | undefined> {
  // The one that was asked for last is at the end.
  const known = new Map<string, T>();
  return async (db, owner) => {
    const revision = await revisions.find(db, owner);
    if (revision === undefined) return undefined;
    const found = known.get(revision) ?? (await load(db, owner));
    known.delete(revision);
    known.set(revision, found);
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value ?? '');
    return found;
  };
}
