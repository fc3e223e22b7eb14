import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type EventsTables, type Owner, tables } from './tables.ts';

export interface ApiDestination {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  description?: string;
  connectionArn: string;
  endpoint: string;
  method: string;
  /** Calls a second. */
  rate: number;
  createdAt: Date;
  modifiedAt: Date;
}

type DestinationBody = Omit<ApiDestination, 'accountId' | 'region' | 'name' | 'arn'>;

const destinationOf = (row: EventsTables['events_api_destination']): ApiDestination => ({
  ...{ accountId: row.account_id, region: row.region, name: row.name, arn: row.arn },
  ...decodeJson<DestinationBody>(row.body),
});

const all = (db: Db | Tx) => tables(db).selectFrom('events_api_destination').selectAll();
const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  all(db).where('account_id', '=', accountId).where('region', '=', region);

export async function findDestination(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<ApiDestination | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  return row && destinationOf(row);
}

export async function findDestinationByArn(
  db: Db | Tx,
  arn: string,
): Promise<ApiDestination | undefined> {
  const row = await all(db).where('arn', '=', arn).executeTakeFirst();
  return row && destinationOf(row);
}

export async function listDestinations(db: Db | Tx, owner: Owner): Promise<ApiDestination[]> {
  return (await owned(db, owner).execute()).map(destinationOf);
}

export async function saveDestination(
  tx: Tx,
  { accountId: account_id, region, name, arn, ...its }: ApiDestination,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('events_api_destination')
    .values({ account_id, region, name, arn, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

export async function deleteDestination(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('events_api_destination').where('arn', '=', arn).execute();
}
