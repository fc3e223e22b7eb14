import type { Fleet } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type FleetRow, type Owner, tables } from './tables.ts';

export interface StoredFleet extends Owner {
  fleet: Fleet;
  /** It takes no more builds, and goes with the last that it has. */
  deleting: boolean;
}

const fleetsOfAccount = (db: Db | Tx, { accountId }: Pick<Owner, 'accountId'>) =>
  tables(db).selectFrom('codebuild_fleet').where('account_id', '=', accountId);

const fleetsOf = (db: Db | Tx, owner: Owner) =>
  fleetsOfAccount(db, owner).where('region', '=', owner.region);

/** @returns false when there is a fleet of that name. */
export async function insertFleet(tx: Tx, owner: Owner, fleet: Fleet): Promise<boolean> {
  const { name = '', arn = '', created, lastModified } = fleet;
  const result = await tables(tx)
    .insertInto('codebuild_fleet')
    .values({
      ...{ account_id: owner.accountId, region: owner.region, name, arn, deleting: 0 },
      ...{ created_at: created?.getTime() ?? 0, modified_at: lastModified?.getTime() ?? 0 },
      body: encodeJson(fleet),
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateFleet(tx: Tx, fleet: Fleet): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_fleet')
    .set({ modified_at: fleet.lastModified?.getTime() ?? 0, body: encodeJson(fleet) })
    .where('arn', '=', fleet.arn ?? '')
    .execute();
}

export async function setDeleting(tx: Tx, arn: string): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_fleet')
    .set({ deleting: 1 })
    .where('arn', '=', arn)
    .execute();
}

/**
 * @param but only where DeleteFleet was called before
 * @returns whether there was one
 */
export async function deleteFleet(
  tx: Tx,
  arn: string,
  but?: { onlyDeleting: true },
): Promise<boolean> {
  const doomed = tables(tx).deleteFrom('codebuild_fleet').where('arn', '=', arn);
  const result = await (but ? doomed.where('deleting', '=', 1) : doomed).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Fleets by their names: those that there are. */
export async function findFleets(
  db: Db | Tx,
  owner: Owner,
  names: readonly string[],
): Promise<Map<string, StoredFleet>> {
  const rows = await fleetsOf(db, owner).selectAll().where('name', 'in', names).execute();
  return new Map(rows.map((row) => [row.name, storedFleet(row)]));
}

/** All of the server, the oldest first. */
export async function allFleets(db: Db | Tx): Promise<StoredFleet[]> {
  const rows = await tables(db)
    .selectFrom('codebuild_fleet')
    .selectAll()
    .orderBy('created_at')
    .orderBy('arn')
    .execute();
  return rows.map(storedFleet);
}

/** All of an account in a region that take builds. */
export async function takingFleets(db: Db | Tx, owner: Owner): Promise<Fleet[]> {
  const rows = await fleetsOf(db, owner).select('body').where('deleting', '=', 0).execute();
  return rows.map(({ body }) => decodeJson<Fleet>(body));
}

/** The base capacities of an account's fleets together, in all regions. */
export async function countMachines(tx: Tx, owner: Pick<Owner, 'accountId'>): Promise<number> {
  const rows = await fleetsOfAccount(tx, owner).select('body').execute();
  return rows.reduce((sum, { body }) => sum + (decodeJson<Fleet>(body).baseCapacity ?? 1), 0);
}

export async function countFleets(tx: Tx, owner: Owner): Promise<number> {
  const row = await fleetsOf(tx, owner)
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export type ListedFleet = Pick<FleetRow, 'name' | 'arn' | 'created_at' | 'modified_at'>;

/** At most `limit` fleets in order, from behind `after` on. */
export async function listFleets(
  db: Db,
  owner: Owner,
  { by, order }: { by: 'name' | 'created_at' | 'modified_at'; order: 'asc' | 'desc' },
  after: Omit<ListedFleet, 'arn'> | undefined,
  limit: number,
): Promise<ListedFleet[]> {
  return fleetsOf(db, owner)
    .select(['name', 'arn', 'created_at', 'modified_at'])
    .where(behind([by, 'name'], order, after && [after[by], after.name]))
    .orderBy(by, order)
    .orderBy('name', order)
    .limit(limit)
    .execute();
}

const storedFleet = (row: FleetRow): StoredFleet => ({
  ...{ accountId: row.account_id, region: row.region },
  fleet: decodeJson<Fleet>(row.body),
  deleting: row.deleting === 1,
});
