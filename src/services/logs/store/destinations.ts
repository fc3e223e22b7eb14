import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson } from '../../../lib/json.ts';
import { type DestinationRow, type Owner, tables } from './tables.ts';

export interface DestinationBody {
  targetArn: string;
  roleArn: string;
  accessPolicy?: string;
  /** The principal as which the role trusts CloudWatch Logs. */
  principal: string;
}

export const destinationOf = ({ body }: DestinationRow) => decodeJson(body) as DestinationBody;

const all = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('logs_destination')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findDestination(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<DestinationRow | undefined> {
  return all(db, owner).where('name', '=', name).executeTakeFirst();
}

export async function listDestinations(db: Db, owner: Owner): Promise<DestinationRow[]> {
  return all(db, owner).orderBy('name').execute();
}

export async function saveDestination(tx: Tx, row: DestinationRow): Promise<void> {
  const { account_id: _, region: __, name: ___, ...settings } = row;
  await tables(tx)
    .insertInto('logs_destination')
    .values(row)
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet(settings))
    .execute();
}

export async function deleteDestination(
  tx: Tx,
  { account_id, region, name }: DestinationRow,
): Promise<void> {
  await tables(tx)
    .deleteFrom('logs_destination')
    .where('account_id', '=', account_id)
    .where('region', '=', region)
    .where('name', '=', name)
    .execute();
}
