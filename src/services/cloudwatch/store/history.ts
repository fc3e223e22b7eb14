import { randomUUID } from 'node:crypto';
import type { AlarmType, HistoryItemType } from '@aws-sdk/client-cloudwatch';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { MAX_DATA, MAX_SUMMARY } from '../limits.ts';
import { type Owner, owned, tables } from './tables.ts';

/** What happened to an alarm. */
export interface HistoryItem {
  /** Epoch milliseconds. */
  at: number;
  alarmName: string;
  alarmType: AlarmType;
  type: HistoryItemType;
  summary: string;
  /** JSON */
  data: string;
}

interface Words {
  summary: string;
  data: string;
}

/** What does not fit into an item is left out, so that the rest is JSON. */
function bounded(data: string): string {
  if (data.length <= MAX_DATA) return data;
  const { version = '1.0', type, ...rest } = JSON.parse(data) as Record<string, unknown>;
  let shorter: Record<string, unknown> = { version, ...(type !== undefined && { type }) };
  for (const [name, value] of Object.entries(rest)) {
    const more = { ...shorter, [name]: value };
    if (JSON.stringify(more).length <= MAX_DATA) shorter = more;
  }
  return JSON.stringify(shorter);
}

export async function addHistory(tx: Tx, owner: Owner, item: HistoryItem): Promise<void> {
  const { at, alarmName, alarmType, type } = item;
  const summary = item.summary.slice(0, MAX_SUMMARY);
  await tables(tx)
    .insertInto('cloudwatch_history')
    .values({
      ...owned(owner),
      ...{ at, id: randomUUID(), alarm_name: alarmName, alarm_type: alarmType, item_type: type },
      body: encodeJson({ summary, data: bounded(item.data) } satisfies Words),
    })
    .execute();
}

export type HistoryKey = readonly [at: number, id: string];

export interface HistoryFilter {
  alarmName?: string | undefined;
  types?: readonly string[] | undefined;
  itemType?: string | undefined;
  /** Epoch milliseconds, both included. */
  from?: number | undefined;
  to?: number | undefined;
  order: 'asc' | 'desc';
}

export async function listHistory(
  db: Db | Tx,
  owner: Owner,
  { alarmName, types, itemType, from, to, order }: HistoryFilter,
  after: HistoryKey | undefined,
  limit: number,
): Promise<(HistoryItem & { key: HistoryKey })[]> {
  let query = tables(db)
    .selectFrom('cloudwatch_history')
    .select(['at', 'id', 'alarm_name', 'alarm_type', 'item_type', 'body'])
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where(behind(['at', 'id'], order, after));
  if (alarmName !== undefined) query = query.where('alarm_name', '=', alarmName);
  if (types) query = query.where('alarm_type', 'in', types);
  if (itemType !== undefined) query = query.where('item_type', '=', itemType);
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<=', to);
  const rows = await query.orderBy('at', order).orderBy('id', order).limit(limit).execute();
  return rows.map((row) => ({
    key: [row.at, row.id],
    at: row.at,
    alarmName: row.alarm_name,
    alarmType: row.alarm_type as AlarmType,
    type: row.item_type as HistoryItemType,
    ...decodeJson<Words>(row.body),
  }));
}

/** Forgets what is from before that. @returns how many */
export async function forgetHistory(tx: Tx, before: number, limit: number): Promise<number> {
  const old = await tables(tx)
    .selectFrom('cloudwatch_history')
    .select(['account_id', 'region', 'at', 'id'])
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
    .execute();
  if (old.length === 0) return 0;
  await tables(tx)
    .deleteFrom('cloudwatch_history')
    .where('at', '<', before)
    .where(
      'id',
      'in',
      old.map(({ id }) => id),
    )
    .execute();
  return old.length;
}

export async function hasHistoryBefore(db: Db | Tx, before: number): Promise<boolean> {
  const found = await tables(db)
    .selectFrom('cloudwatch_history')
    .select('id')
    .where('at', '<', before)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
