import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Activity, Group, Refresh } from '../model/group.ts';
import { type Owner, tables } from './tables.ts';

// What was, of groups that are and that were.

const ACTIVITY = defineDocument<Activity>();
const REFRESH = defineDocument<Refresh>();

interface OfGroup<T> {
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

/** Which of it. */
export interface Meant {
  /** Of groups of this name, those too that were. */
  name?: string | undefined;
  /** Of these groups alone, by the ids in their ARNs. */
  groupIds?: readonly string[] | undefined;
  ids?: readonly string[] | undefined;
}

/** When it began (epoch milliseconds), and its id. */
export type Moment = readonly [number, string];

/** Newest first, at most `count`, from the first behind `after` on. */
export async function listHistory<K extends Kind>(
  db: Db | Tx,
  kind: K,
  { accountId, region }: Owner,
  { name, groupIds, ids }: Meant,
  { after, count }: { after: Moment | undefined; count: number },
): Promise<OfGroup<Its<K>>[]> {
  if (groupIds?.length === 0) return [];
  let query = tables(db)
    .selectFrom(`autoscaling_${kind as Kind}`)
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);
  if (name !== undefined) query = query.where('group_name', '=', name);
  if (groupIds) query = query.where('group_id', 'in', groupIds);
  if (ids?.length) query = query.where('id', 'in', ids);
  if (after) {
    const [at, id] = after;
    query = query.where((where) =>
      where.or([
        where('started_at', '<', at),
        where.and([where('started_at', '=', at), where('id', '<', id)]),
      ]),
    );
  }
  const newest = query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(count);
  return (await newest.execute()).map((row) => ({
    ...{ group: row.group_name, groupId: row.group_id },
    its: KINDS[kind].decode(row.body) as Its<K>,
  }));
}

const kinds = Object.keys(KINDS) as Kind[];

/** Is there any of all accounts that began before? */
export async function hasHistory(db: Db | Tx, before: number): Promise<boolean> {
  for (const kind of kinds) {
    const row = await tables(db)
      .selectFrom(`autoscaling_${kind}`)
      .select('id')
      .where('started_at', '<', before)
      .limit(1)
      .executeTakeFirst();
    if (row) return true;
  }
  return false;
}

export async function forgetHistory(tx: Tx, before: number): Promise<void> {
  for (const kind of kinds)
    await tables(tx).deleteFrom(`autoscaling_${kind}`).where('started_at', '<', before).execute();
}
