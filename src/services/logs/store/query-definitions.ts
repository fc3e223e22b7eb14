import type { Db, Tx } from '../../../db/database.ts';
import { type Owner, type QueryDefinitionRow, tables } from './tables.ts';

export async function listDefinitions(
  db: Db | Tx,
  { accountId, region }: Owner,
): Promise<QueryDefinitionRow[]> {
  return tables(db)
    .selectFrom('logs_query_definition')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .execute();
}

/** Makes or replaces one. */
export async function putDefinition(tx: Tx, row: QueryDefinitionRow): Promise<void> {
  const { name, modified_at, body } = row;
  await tables(tx)
    .insertInto('logs_query_definition')
    .values(row)
    .onConflict((c) =>
      c.columns(['account_id', 'region', 'id']).doUpdateSet({ name, modified_at, body }),
    )
    .execute();
}

/** @returns whether there was one */
export async function deleteDefinition(
  tx: Tx,
  { accountId, region }: Owner,
  id: string,
): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('logs_query_definition')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
