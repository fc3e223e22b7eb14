import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Minutes } from '../model/metric-data.ts';
import {
  type ChunkRow,
  type GroupRow,
  type MetricFilterRow,
  type Owner,
  tables,
} from './tables.ts';

export interface MetricFilterBody {
  filterPattern: string;
  metricTransformations: MetricTransformation[];
}

export const bodyOf = ({ body }: MetricFilterRow) => decodeJson(body) as MetricFilterBody;

export const minutesOf = ({ minutes }: MetricFilterRow): Minutes =>
  new Map(decodeJson(minutes) as [number, boolean][]);

export const encodeMinutes = (minutes: Minutes): string => encodeJson([...minutes]);

export async function filtersOfGroup(db: Db | Tx, groupId: string): Promise<MetricFilterRow[]> {
  return tables(db)
    .selectFrom('logs_metric_filter')
    .selectAll()
    .where('group_id', '=', groupId)
    .orderBy('name')
    .execute();
}

/** All of an account in a region, or those of one of its groups. */
export async function listMetricFilters(
  db: Db,
  { accountId, region }: Owner,
  groupName: string | undefined,
): Promise<MetricFilterRow[]> {
  let select = tables(db)
    .selectFrom('logs_metric_filter')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);
  if (groupName !== undefined) select = select.where('group_name', '=', groupName);
  return select.execute();
}

/** Makes or replaces one, and counts it. */
export async function putMetricFilter(tx: Tx, row: MetricFilterRow): Promise<void> {
  const { group_id, created_at, body, minutes } = row;
  await tables(tx)
    .insertInto('logs_metric_filter')
    .values(row)
    .onConflict((c) =>
      c
        .columns(['account_id', 'region', 'group_name', 'name'])
        .doUpdateSet({ group_id, created_at, body, minutes }),
    )
    .execute();
  await countFilters(tx, group_id);
}

/** @returns whether there was one */
export async function deleteMetricFilter(tx: Tx, group: GroupRow, name: string): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('logs_metric_filter')
    .where('group_id', '=', group.id)
    .where('name', '=', name)
    .executeTakeFirst();
  await countFilters(tx, group.id);
  return result.numDeletedRows > 0n;
}

async function countFilters(tx: Tx, groupId: string): Promise<void> {
  const filters = (await filtersOfGroup(tx, groupId)).length;
  await tables(tx).updateTable('logs_group').set({ filters }).where('id', '=', groupId).execute();
}

/** Notes chunks for the group's filters, in the transaction that puts them. */
export async function addToBacklog(tx: Tx, rows: ChunkRow[]): Promise<void> {
  const backlog = rows.map(({ id, group_id, ingested_at }) => ({
    ...{ group_id, chunk_id: id, added_at: ingested_at },
  }));
  if (backlog.length > 0) await tables(tx).insertInto('logs_backlog').values(backlog).execute();
}

/** The oldest chunks that wait, as far as they are still there. */
export async function readBacklog(
  db: Db,
  groupId: string,
  count: number,
): Promise<{ ids: string[]; chunks: ChunkRow[] }> {
  const rows = await tables(db)
    .selectFrom('logs_backlog')
    .select('chunk_id')
    .where('group_id', '=', groupId)
    .orderBy('added_at')
    .orderBy('chunk_id')
    .limit(count)
    .execute();
  const ids = rows.map(({ chunk_id }) => chunk_id);
  if (ids.length === 0) return { ids, chunks: [] };
  const chunks = await tables(db)
    .selectFrom('logs_chunk')
    .selectAll()
    .where('id', 'in', ids)
    .execute();
  return { ids, chunks };
}

/** What filters have seen, and how many of their minutes are open. */
export async function endBacklog(
  tx: Tx,
  groupId: string,
  ids: string[],
  minutes: Map<string, Minutes>,
): Promise<void> {
  if (ids.length > 0)
    await tables(tx)
      .deleteFrom('logs_backlog')
      .where('group_id', '=', groupId)
      .where('chunk_id', 'in', ids)
      .execute();
  for (const [name, open] of minutes)
    await tables(tx)
      .updateTable('logs_metric_filter')
      .set({ minutes: encodeMinutes(open) })
      .where('group_id', '=', groupId)
      .where('name', '=', name)
      .execute();
}

/** Forgets what nobody looks at: of a group without filters, or what has waited since before a time. */
export async function dropBacklog(tx: Tx, groupId: string, before: number): Promise<void> {
  await tables(tx)
    .deleteFrom('logs_backlog')
    .where('group_id', '=', groupId)
    .where('added_at', '<', before)
    .execute();
}

/** Groups whose filters have something to look at, or minutes that are open. */
export async function groupsToFilter(db: Db): Promise<string[]> {
  const waiting = await tables(db)
    .selectFrom('logs_backlog')
    .select('group_id')
    .distinct()
    .execute();
  const open = await tables(db)
    .selectFrom('logs_metric_filter')
    .select('group_id')
    .where('minutes', '<>', encodeMinutes(new Map()))
    .execute();
  return [...new Set([...waiting, ...open].map(({ group_id }) => group_id))];
}
