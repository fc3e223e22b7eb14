import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Group, GroupBody } from '../model/group.ts';
import { groupKey } from '../reconcilers/names.ts';
import { type AutoScalingTables, type Owner, tables } from './tables.ts';

/** What decisions are made from: a release that needs another form brings the upgrade from the form before. */
const BODY = defineDocument<GroupBody>();

const fromRow = (row: AutoScalingTables['autoscaling_group']): Group => ({
  ...{ accountId: row.account_id, region: row.region, name: row.name },
  body: BODY.decode(row.body),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('autoscaling_group')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** In the order of their names. */
export async function listGroups(db: Db | Tx, owner: Owner): Promise<Group[]> {
  return (await owned(db, owner).orderBy('name').execute()).map(fromRow);
}

export async function findGroup(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Group | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  return row && fromRow(row);
}

export async function saveGroup(
  tx: Tx,
  { accountId: account_id, region, name, body: said }: Group,
): Promise<void> {
  const body = BODY.encode(said);
  await tables(tx)
    .insertInto('autoscaling_group')
    .values({ account_id, region, name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

export async function deleteGroup(tx: Tx, { accountId, region, name }: Group): Promise<void> {
  await tables(tx)
    .deleteFrom('autoscaling_group')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .execute();
}

/** Of all accounts. */
export async function allGroupKeys(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('autoscaling_group')
    .select(['account_id', 'region', 'name'])
    .execute();
  return rows.map((row) =>
    groupKey({ accountId: row.account_id, region: row.region, name: row.name }),
  );
}
