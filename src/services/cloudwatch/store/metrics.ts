import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { Dimension, MetricName } from '../model/metric.ts';
import { type Owner, owned, tables } from './tables.ts';

/** Rows a statement: SQLite takes 32,766 values. */
const AT_ONCE = 1000;
/** `active_at` is written anew once it is so old. */
const INACCURACY_MS = 5 * 60_000;

/** Notes that there are such metrics and that data of them came. @param now epoch milliseconds */
export async function noteMetrics(
  tx: Tx,
  owner: Owner,
  metrics: ReadonlyMap<string, MetricName>,
  now: number,
): Promise<void> {
  const rows = [...metrics].map(([id, { namespace, name, dimensions }]) => ({
    ...owned(owner),
    ...{ id, namespace, name, dimensions: JSON.stringify(dimensions), active_at: now },
  }));
  // In one order, so that two calls do not wait for each other.
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await tables(tx)
      .insertInto('cloudwatch_metric')
      .values(rows.slice(from, from + AT_ONCE))
      .onConflict((conflict) =>
        conflict
          .columns(['account_id', 'region', 'id'])
          .doUpdateSet({ active_at: now })
          .where('cloudwatch_metric.active_at', '<', now - INACCURACY_MS),
      )
      .execute();
}

export interface ListedMetric extends MetricName {
  id: string;
}

/** What is asked of metrics before their dimensions are looked at. */
export interface MetricFilter {
  namespace?: string | undefined;
  name?: string | undefined;
  /** Epoch milliseconds. */
  activeAfter: number;
}

/** Where a list goes on. */
export type MetricKey = readonly [namespace: string, name: string, id: string];

/** Metrics by namespace and name, from behind `after` on. */
export async function listMetrics(
  db: Db | Tx,
  owner: Owner,
  { namespace, name, activeAfter }: MetricFilter,
  after: MetricKey | undefined,
  limit: number,
): Promise<ListedMetric[]> {
  let query = tables(db)
    .selectFrom('cloudwatch_metric')
    .select(['id', 'namespace', 'name', 'dimensions'])
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('active_at', '>=', activeAfter - INACCURACY_MS)
    .where(behind(['namespace', 'name', 'id'], 'asc', after));
  if (namespace !== undefined) query = query.where('namespace', '=', namespace);
  if (name !== undefined) query = query.where('name', '=', name);
  const rows = await query
    .orderBy('namespace')
    .orderBy('name')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, dimensions: JSON.parse(row.dimensions) as Dimension[] }));
}

/** Forgets metrics whose last data are as old as that. @returns how many */
export async function forgetMetrics(tx: Tx, before: number, limit: number): Promise<number> {
  const old = await tables(tx)
    .selectFrom('cloudwatch_metric')
    .select(['account_id', 'region', 'id'])
    .where('active_at', '<', before)
    .orderBy('active_at')
    .limit(limit)
    .execute();
  if (old.length === 0) return 0;
  await tables(tx)
    .deleteFrom('cloudwatch_metric')
    .where(
      'id',
      'in',
      old.map(({ id }) => id),
    )
    .where('active_at', '<', before)
    .execute();
  return old.length;
}

/** Notes that a service's call is counted. @returns false where it was already */
export async function countOnce(tx: Tx, owner: Owner, id: string, now: number): Promise<boolean> {
  const inserted = await tables(tx)
    .insertInto('cloudwatch_counted')
    .values({ ...owned(owner), id, counted_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** @returns how many */
export async function forgetCounted(tx: Tx, before: number, limit: number): Promise<number> {
  const old = await tables(tx)
    .selectFrom('cloudwatch_counted')
    .select('id')
    .where('counted_at', '<', before)
    .orderBy('counted_at')
    .limit(limit)
    .execute();
  if (old.length === 0) return 0;
  await tables(tx)
    .deleteFrom('cloudwatch_counted')
    .where('counted_at', '<', before)
    .where(
      'id',
      'in',
      old.map(({ id }) => id),
    )
    .execute();
  return old.length;
}

export async function hasCountedBefore(db: Db | Tx, before: number): Promise<boolean> {
  const found = await tables(db)
    .selectFrom('cloudwatch_counted')
    .select('id')
    .where('counted_at', '<', before)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
