import type { Distribution } from '@aws-sdk/client-cloudwatch-logs';
import type { Principal } from '../../../aws/principal.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson } from '../../../lib/json.ts';
import {
  type ChunkRow,
  type GroupRow,
  type Owner,
  type SubscriptionRow,
  tables,
} from './tables.ts';

export interface SubscriptionBody {
  filterPattern: string;
  destinationArn: string;
  roleArn?: string;
  distribution: Distribution;
  /** The principal as which the destination has let CloudWatch Logs in. */
  principal: string;
  /** Of one that leads to a destination: who put it. */
  by?: Principal;
}

export const subscriptionOf = ({ body }: SubscriptionRow) => decodeJson(body) as SubscriptionBody;

const all = (db: Db | Tx) => tables(db).selectFrom('logs_subscription').selectAll();

export async function subscriptionsOfGroup(
  db: Db | Tx,
  groupId: string,
): Promise<SubscriptionRow[]> {
  return all(db).where('group_id', '=', groupId).orderBy('name').execute();
}

export async function findSubscription(
  db: Db | Tx,
  id: string,
): Promise<SubscriptionRow | undefined> {
  return all(db).where('id', '=', id).executeTakeFirst();
}

/** Those of a group, by name. */
export async function listSubscriptions(
  db: Db,
  { accountId, region }: Owner,
  groupName: string,
): Promise<SubscriptionRow[]> {
  return all(db)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('group_name', '=', groupName)
    .orderBy('name')
    .execute();
}

/** Makes or replaces one, and counts it. What an earlier one of the name still owes, it owes. */
export async function putSubscription(tx: Tx, row: SubscriptionRow): Promise<void> {
  const { id, ...settings } = row;
  await tables(tx)
    .insertInto('logs_subscription')
    .values(row)
    .onConflict((c) => c.column('id').doUpdateSet(settings))
    .execute();
  await count(tx, row.group_id);
}

/** @returns whether there was one */
export async function deleteSubscription(tx: Tx, group: GroupRow, name: string): Promise<boolean> {
  const found = (await subscriptionsOfGroup(tx, group.id)).find((each) => each.name === name);
  if (!found) return false;
  await tables(tx).deleteFrom('logs_subscription').where('id', '=', found.id).execute();
  await forgetOwed(tx, found.id);
  await count(tx, group.id);
  return true;
}

async function count(tx: Tx, groupId: string): Promise<void> {
  const subscriptions = (await subscriptionsOfGroup(tx, groupId)).length;
  await tables(tx)
    .updateTable('logs_group')
    .set({ subscriptions })
    .where('id', '=', groupId)
    .execute();
}

/** How it goes with the deliveries of one. */
export async function noteSubscription(
  tx: Tx,
  id: string,
  state: Partial<Pick<SubscriptionRow, 'attempts' | 'retry_at' | 'skip_until'>>,
): Promise<void> {
  await tables(tx).updateTable('logs_subscription').set(state).where('id', '=', id).execute();
}

/** Notes chunks for the group's subscriptions, in the transaction that puts them. @returns the subscriptions' ids */
export async function oweToSubscriptions(
  tx: Tx,
  groupId: string,
  chunks: readonly ChunkRow[],
): Promise<string[]> {
  if (chunks.length === 0) return [];
  const ids = (await subscriptionsOfGroup(tx, groupId)).map(({ id }) => id);
  const owed = ids.flatMap((subscription_id) =>
    chunks.map(({ id, ingested_at }) => ({
      ...{ subscription_id, added_at: ingested_at, chunk_id: id },
    })),
  );
  if (owed.length > 0)
    await tables(tx).insertInto('logs_subscription_backlog').values(owed).execute();
  return ids;
}

/** Since when something is owed. */
export async function oldestOwed(db: Db, subscriptionId: string): Promise<number | undefined> {
  const row = await tables(db)
    .selectFrom('logs_subscription_backlog')
    .select('added_at')
    .where('subscription_id', '=', subscriptionId)
    .orderBy('added_at')
    .limit(1)
    .executeTakeFirst();
  return row?.added_at;
}

/** The oldest chunks that are owed, as far as they are still there, and not many more bytes than so many. */
export async function readOwed(
  db: Db,
  subscriptionId: string,
  { most, bytes }: { most: number; bytes: number },
): Promise<{ ids: string[]; chunks: ChunkRow[] }> {
  const rows = await tables(db)
    .selectFrom('logs_subscription_backlog as owed')
    .leftJoin('logs_chunk as chunk', 'chunk.id', 'owed.chunk_id')
    .select(['owed.chunk_id', 'chunk.bytes'])
    .where('owed.subscription_id', '=', subscriptionId)
    .orderBy('owed.added_at')
    .orderBy('owed.chunk_id')
    .limit(most)
    .execute();
  let sum = 0;
  const ids: string[] = [];
  for (const row of rows) {
    sum += row.bytes ?? 0;
    if (ids.length > 0 && sum > bytes) break;
    ids.push(row.chunk_id);
  }
  if (ids.length === 0) return { ids, chunks: [] };
  const chunks = await tables(db)
    .selectFrom('logs_chunk')
    .selectAll()
    .where('id', 'in', ids)
    .orderBy('id')
    .execute();
  return { ids, chunks };
}

export async function endOwed(tx: Tx, subscriptionId: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await tables(tx)
    .deleteFrom('logs_subscription_backlog')
    .where('subscription_id', '=', subscriptionId)
    .where('chunk_id', 'in', ids)
    .execute();
}

/** Forgets what is owed since before a time, or all of it. @returns how many chunks */
export async function forgetOwed(tx: Tx, subscriptionId: string, before?: number): Promise<number> {
  let forget = tables(tx)
    .deleteFrom('logs_subscription_backlog')
    .where('subscription_id', '=', subscriptionId);
  if (before !== undefined) forget = forget.where('added_at', '<', before);
  return Number((await forget.executeTakeFirst()).numDeletedRows);
}

/** The names of streams, by their ids. */
export async function streamNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tables(db)
    .selectFrom('logs_stream')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Subscriptions that owe something. */
export async function subscriptionsToServe(db: Db): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('logs_subscription_backlog')
    .select('subscription_id')
    .distinct()
    .execute();
  return rows.map(({ subscription_id }) => subscription_id);
}
