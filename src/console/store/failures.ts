import type { Tx } from '../../db/database.ts';
import type { Failures } from '../model/throttle.ts';
import { tables } from './tables.ts';

export async function findFailures(tx: Tx, id: string): Promise<Failures | undefined> {
  const row = await tables(tx)
    .selectFrom('console_failure')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { failures: row.failures, lastAt: row.last_at };
}

export async function saveFailures(
  tx: Tx,
  id: string,
  { failures, lastAt: last_at }: Failures,
): Promise<void> {
  await tables(tx)
    .insertInto('console_failure')
    .values({ id, failures, last_at })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ failures, last_at }))
    .execute();
}

export async function deleteFailures(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('console_failure').where('id', '=', id).execute();
}

/** @param before epoch milliseconds */
export async function deleteFailuresBefore(tx: Tx, before: number): Promise<void> {
  await tables(tx).deleteFrom('console_failure').where('last_at', '<=', before).execute();
}
