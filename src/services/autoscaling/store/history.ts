import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Activity, Group, Refresh } from '../model/group.ts';
import { type Owner, tables } from './tables.ts';

// What was, of groups that are and that were.

const ACTIVITY = defineDocument<Activity>();
const REFRESH = defineDocument<Refresh>();

export interface OfGroup<T> {
  group: string;
  groupId: string;
  its: T;
}

const KINDS = { activity: ACTIVITY, refresh: REFRESH } as const;
type Kind = keyof typeof KINDS;
type Its<K extends Kind> = K extends 'activity' ? Activity : Refresh;

export async function saveHistory<K extends Kind>(
  tx: Tx,
  kind: K,
  { accountId: account_id, region, name: group_name, body: { id: group_id } }: Group,
  its: Its<K>,
): Promise<void> {
  const body = (KINDS[kind].encode as (value: unknown) => string)(its);
  const { id, startedAt: started_at } = its;
  await tables(tx)
    .insertInto(`autoscaling_${kind as Kind}`)
    .values({ account_id, region, id, group_name, group_id, started_at, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'id']).doUpdateSet({ body }))
    .execute();
}

/** Of one group or of all, newest first. */
export async function listHistory<K extends Kind>(
  db: Db | Tx,
  kind: K,
  { accountId, region }: Owner,
  group?: string,
): Promise<OfGroup<Its<K>>[]> {
  let query = tables(db)
    .selectFrom(`autoscaling_${kind as Kind}`)
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);
  if (group !== undefined) query = query.where('group_name', '=', group);
  const rows = await query.orderBy('started_at', 'desc').orderBy('id').execute();
  return rows.map((row) => ({
    ...{ group: row.group_name, groupId: row.group_id },
    its: KINDS[kind].decode(row.body) as Its<K>,
  }));
}

export async function forgetHistory(
  tx: Tx,
  kind: Kind,
  owner: Owner,
  before: number,
): Promise<void> {
  await tables(tx)
    .deleteFrom(`autoscaling_${kind}`)
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('started_at', '<', before)
    .execute();
}
