import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { TargetGroup } from '../model/things.ts';
import { type Elbv2Tables, type Owner, tables } from './tables.ts';

type Row = Elbv2Tables['elbv2_group'];
type Columns = 'arn' | 'accountId' | 'region' | 'name';

const groupOf = (row: Row): TargetGroup => ({
  ...{ arn: row.arn, accountId: row.account_id, region: row.region, name: row.name },
  ...decodeJson<Omit<TargetGroup, Columns>>(row.body),
});

function bodyOf({ arn, accountId, region, name, ...body }: TargetGroup): string {
  return encodeJson(body satisfies Omit<TargetGroup, Columns>);
}

const all = (db: Db | Tx) => tables(db).selectFrom('elbv2_group').selectAll();

export async function findGroup(db: Db | Tx, arn: string): Promise<TargetGroup | undefined> {
  const row = await all(db).where('arn', '=', arn).executeTakeFirst();
  return row && groupOf(row);
}

export async function listGroups(
  db: Db | Tx,
  { accountId, region }: Owner,
): Promise<TargetGroup[]> {
  const rows = await all(db)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .execute();
  return rows.map(groupOf);
}

/** Those that a balancer's rules forward to. */
export async function groupsOfBalancer(db: Db | Tx, balancerArn: string): Promise<TargetGroup[]> {
  const rows = await all(db)
    .where('arn', 'in', (e) =>
      e.selectFrom('elbv2_forward').select('group_arn').where('balancer_arn', '=', balancerArn),
    )
    .execute();
  return rows.map(groupOf);
}

/** The balancer that uses a group, by the group. */
export async function usersOf(
  db: Db | Tx,
  { accountId, region }: Owner,
): Promise<Map<string, string>> {
  const rows = await tables(db)
    .selectFrom('elbv2_forward as f')
    .innerJoin('elbv2_group as g', 'g.arn', 'f.group_arn')
    .select(['f.group_arn', 'f.balancer_arn'])
    .where('g.account_id', '=', accountId)
    .where('g.region', '=', region)
    .execute();
  return new Map(rows.map((row) => [row.group_arn, row.balancer_arn]));
}

export async function userOf(db: Db | Tx, groupArn: string): Promise<string | undefined> {
  const row = await tables(db)
    .selectFrom('elbv2_forward')
    .select('balancer_arn')
    .where('group_arn', '=', groupArn)
    .executeTakeFirst();
  return row?.balancer_arn;
}

export async function insertGroup(tx: Tx, group: TargetGroup): Promise<void> {
  const { arn, accountId, region, name } = group;
  await tables(tx)
    .insertInto('elbv2_group')
    .values({ arn, account_id: accountId, region, name, body: bodyOf(group) })
    .execute();
}

export async function updateGroup(tx: Tx, group: TargetGroup): Promise<void> {
  await tables(tx)
    .updateTable('elbv2_group')
    .set({ body: bodyOf(group) })
    .where('arn', '=', group.arn)
    .execute();
}

export async function deleteGroup(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('elbv2_group').where('arn', '=', arn).execute();
}
