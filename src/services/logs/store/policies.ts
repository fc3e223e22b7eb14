import type { Db, Tx } from '../../../db/database.ts';
import { type GroupRow, type Owner, type PolicyRow, tables } from './tables.ts';

/** A group, and the policies that speak of it: its own and those of its account. */
export interface PolicedGroup extends GroupRow, Owner {
  policies: string[];
}

export async function findGroupAndPolicies(
  db: Db | Tx,
  { accountId, region }: Owner,
  name: string,
): Promise<PolicedGroup | undefined> {
  const rows = await tables(db)
    .selectFrom('logs_group as g')
    .leftJoin('logs_resource_policy as p', (join) =>
      join
        .onRef('p.account_id', '=', 'g.account_id')
        .onRef('p.region', '=', 'g.region')
        .on((e) => e.or([e('p.group_name', '=', ''), e('p.group_name', '=', e.ref('g.name'))])),
    )
    .selectAll('g')
    .select('p.policy')
    .where('g.account_id', '=', accountId)
    .where('g.region', '=', region)
    .where('g.name', '=', name)
    .execute();
  const [first] = rows;
  if (!first) return undefined;
  const { policy: _, ...group } = first;
  const policies = rows.flatMap(({ policy }) => policy ?? []);
  return { ...group, accountId, region, policies };
}

const policiesOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('logs_resource_policy')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** @param groupName empty for the account's own */
export async function findPolicy(
  db: Db | Tx,
  owner: Owner,
  groupName: string,
  name?: string,
): Promise<PolicyRow | undefined> {
  let query = policiesOf(db, owner).where('group_name', '=', groupName);
  if (name !== undefined) query = query.where('name', '=', name);
  return query.executeTakeFirst();
}

/** The account's, or those of groups. */
export async function listPolicies(
  db: Db | Tx,
  owner: Owner,
  scope: 'ACCOUNT' | 'RESOURCE',
): Promise<PolicyRow[]> {
  return policiesOf(db, owner)
    .where('group_name', scope === 'ACCOUNT' ? '=' : '<>', '')
    .orderBy('group_name')
    .orderBy('name')
    .execute();
}

export async function insertPolicy(tx: Tx, row: PolicyRow): Promise<void> {
  await tables(tx).insertInto('logs_resource_policy').values(row).execute();
}

export async function deletePolicy(
  tx: Tx,
  row: Pick<PolicyRow, 'account_id' | 'region' | 'group_name' | 'name'>,
): Promise<void> {
  await tables(tx)
    .deleteFrom('logs_resource_policy')
    .where('account_id', '=', row.account_id)
    .where('region', '=', row.region)
    .where('group_name', '=', row.group_name)
    .where('name', '=', row.name)
    .execute();
}
