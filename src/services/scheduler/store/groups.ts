import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { DEFAULT_GROUP } from '../model/schedule.ts';
import { type Owner, tables } from './tables.ts';

export interface Group {
  accountId: string;
  region: string;
  name: string;
  tags: Record<string, string>;
  /** Absent for the default group, which is always there. */
  createdAt?: Date;
  clientToken?: string;
}

type GroupBody = Omit<Group, 'accountId' | 'region' | 'name'>;

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('scheduler_group')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

const groupOf = ({ accountId, region }: Owner, name: string, body: GroupBody): Group => ({
  ...{ accountId, region, name },
  ...body,
});

export async function findGroup(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Group | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  if (row) return groupOf(owner, name, decodeJson<GroupBody>(row.body));
  return name === DEFAULT_GROUP ? groupOf(owner, name, { tags: {} }) : undefined;
}

export async function listGroups(db: Db | Tx, owner: Owner): Promise<Group[]> {
  const rows = await owned(db, owner).execute();
  const groups = rows.map((row) => groupOf(owner, row.name, decodeJson<GroupBody>(row.body)));
  const hasDefault = groups.some(({ name }) => name === DEFAULT_GROUP);
  return hasDefault ? groups : [groupOf(owner, DEFAULT_GROUP, { tags: {} }), ...groups];
}

export async function saveGroup(
  tx: Tx,
  { accountId: account_id, region, name, ...its }: Group,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('scheduler_group')
    .values({ account_id, region, name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

/** And all schedules in it. */
export async function deleteGroup(
  tx: Tx,
  { accountId, region }: Owner,
  name: string,
): Promise<void> {
  await tables(tx)
    .deleteFrom('scheduler_schedule')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('group_name', '=', name)
    .execute();
  await tables(tx)
    .deleteFrom('scheduler_group')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .execute();
}
