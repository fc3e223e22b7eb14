import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import { type Owner, tables } from './tables.ts';

/**
 * Says that rules, targets or archives of the account have changed: who has them in memory reads them again. At random, not
 * by counting: what was read of a transaction that came to nothing is never taken for what comes after it.
 */
export async function changed(tx: Tx, { accountId: account_id, region }: Owner): Promise<void> {
  const revision = randomUUID();
  await tables(tx)
    .insertInto('events_revision')
    .values({ account_id, region, revision })
    .onConflict((c) => c.columns(['account_id', 'region']).doUpdateSet({ revision }))
    .execute();
}

/** Undefined where there never was a rule. */
export async function findRevision(
  db: Db | Tx,
  { accountId, region }: Owner,
): Promise<string | undefined> {
  const row = await tables(db)
    .selectFrom('events_revision')
    .select('revision')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirst();
  return row?.revision;
}
