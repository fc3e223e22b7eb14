import type { Db, Tx } from '../../../db/database.ts';
import { sql } from '../../../db/kysely.ts';
import { startsWith } from './prefix.ts';
import { type GroupRow, type Owner, tables } from './tables.ts';

export async function findGroup(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<GroupRow | undefined> {
  return groupsOf(db, owner).selectAll().where('name', '=', name).executeTakeFirst();
}

const groupsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('logs_group')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** @returns false when there is a group of that name. */
export async function insertGroup(tx: Tx, row: GroupRow): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('logs_group')
    .values(row)
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateGroup(
  tx: Tx,
  group: GroupRow,
  change: Partial<Pick<GroupRow, 'retention_days' | 'tags' | 'protected' | 'data_key'>>,
): Promise<void> {
  await tables(tx).updateTable('logs_group').set(change).where('id', '=', group.id).execute();
}

const OF_GROUPS = [
  ...(['logs_stream', 'logs_resource_policy', 'logs_metric_filter', 'logs_subscription'] as const),
];

/** Deletes a group, its streams, policies and filters; their events are left for the purge. */
export async function deleteGroup(tx: Tx, group: GroupRow): Promise<void> {
  await tables(tx).deleteFrom('logs_group').where('id', '=', group.id).execute();
  for (const table of OF_GROUPS)
    await tables(tx)
      .deleteFrom(table)
      .where('account_id', '=', group.account_id)
      .where('region', '=', group.region)
      .where('group_name', '=', group.name)
      .execute();
}

export interface GroupQuery {
  prefix?: string;
  /** Anywhere in the name. */
  pattern?: string;
  class?: string;
  names?: string[];
  /** Names after this one. */
  after?: string;
  limit: number;
}

export async function listGroups(
  db: Db,
  owner: Owner,
  query: GroupQuery,
): Promise<(GroupRow & { stored_bytes: number })[]> {
  const { prefix, pattern, names, after } = query;
  let select = groupsOf(db, owner)
    .selectAll()
    .select((e) =>
      e
        .selectFrom('logs_stream')
        .whereRef('logs_stream.account_id', '=', 'logs_group.account_id')
        .whereRef('logs_stream.region', '=', 'logs_group.region')
        .whereRef('logs_stream.group_name', '=', 'logs_group.name')
        .select((s) =>
          s.fn.coalesce(s.fn.sum<number>('logs_stream.stored_bytes'), sql<number>`0`).as('total'),
        )
        .as('stored_bytes'),
    );
  if (prefix) select = select.where(startsWith('name', prefix));
  if (pattern) select = select.where(sql<boolean>`replace(name, ${pattern}, '') <> name`);
  if (query.class) select = select.where('class', '=', query.class);
  if (names) select = select.where('name', 'in', names);
  if (after !== undefined) select = select.where('name', '>', after);
  const rows = await select.orderBy('name').limit(query.limit).execute();
  return rows.map((row) => ({ ...row, stored_bytes: Number(row.stored_bytes ?? 0) }));
}

/** Groups whose events expire, with the time before which they have: epoch milliseconds. */
export async function groupsWithRetention(
  db: Db,
): Promise<Pick<GroupRow, 'id' | 'retention_days'>[]> {
  return tables(db)
    .selectFrom('logs_group')
    .select(['id', 'retention_days'])
    .where('retention_days', 'is not', null)
    .execute();
}

export async function findGroupById(db: Db | Tx, id: string): Promise<GroupRow | undefined> {
  return tables(db).selectFrom('logs_group').selectAll().where('id', '=', id).executeTakeFirst();
}
