import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { defaultGroup, type SecurityGroup } from '../model/security-groups.ts';
import { type Owner, tables } from './tables.ts';

/** All of them, the default one first: that one has no row until it is changed. */
export async function listGroups(db: Db | Tx, owner: Owner): Promise<SecurityGroup[]> {
  const rows = await tables(db)
    .selectFrom('ec2_security_group')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .orderBy('id')
    .execute();
  const groups = rows.map((row) => decodeJson<SecurityGroup>(row.body));
  const its = defaultGroup(owner);
  return groups.some(({ id }) => id === its.id) ? groups : [its, ...groups];
}

export async function findGroup(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<SecurityGroup | undefined> {
  return (await listGroups(db, owner)).find((group) => group.id === id);
}

export async function saveGroup(tx: Tx, owner: Owner, group: SecurityGroup): Promise<void> {
  const { accountId: account_id, region } = owner;
  const body = encodeJson(group);
  await tables(tx)
    .insertInto('ec2_security_group')
    .values({ account_id, region, id: group.id, name: group.name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'id']).doUpdateSet({ body }))
    .execute();
}

export async function deleteGroup(tx: Tx, owner: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('ec2_security_group')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}
