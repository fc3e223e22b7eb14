import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Connection } from '../model/connection.ts';
import { type EventsTables, type Owner, tables } from './tables.ts';

/** Secrets lie in the body, which is sealed. */
type ConnectionBody = Omit<Connection, 'accountId' | 'region' | 'name' | 'arn'>;

const connectionOf = (row: EventsTables['events_connection']): Connection => ({
  ...{ accountId: row.account_id, region: row.region, name: row.name, arn: row.arn },
  ...decodeJson<ConnectionBody>(row.body),
});

const all = (db: Db | Tx) => tables(db).selectFrom('events_connection').selectAll();
const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  all(db).where('account_id', '=', accountId).where('region', '=', region);

export async function findConnection(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Connection | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  return row && connectionOf(row);
}

export async function findConnectionByArn(
  db: Db | Tx,
  arn: string,
): Promise<Connection | undefined> {
  const row = await all(db).where('arn', '=', arn).executeTakeFirst();
  return row && connectionOf(row);
}

export async function listConnections(db: Db | Tx, owner: Owner): Promise<Connection[]> {
  return (await owned(db, owner).execute()).map(connectionOf);
}

export async function listAllConnections(db: Db | Tx): Promise<Connection[]> {
  return (await all(db).execute()).map(connectionOf);
}

export async function saveConnection(
  tx: Tx,
  { accountId: account_id, region, name, arn, ...its }: Connection,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('events_connection')
    .values({ account_id, region, name, arn, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

export async function deleteConnection(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('events_connection').where('arn', '=', arn).execute();
}
