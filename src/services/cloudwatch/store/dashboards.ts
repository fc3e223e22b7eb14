import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

export interface Dashboard {
  accountId: string;
  name: string;
  /** Epoch milliseconds. */
  modifiedAt: number;
  /** As it was put. */
  body: string;
  tags: Record<string, string>;
}

export async function putDashboard(tx: Tx, dashboard: Dashboard): Promise<void> {
  const row = {
    account_id: dashboard.accountId,
    name: dashboard.name,
    modified_at: dashboard.modifiedAt,
    size: Buffer.byteLength(dashboard.body),
    body: dashboard.body,
    tags: encodeJson(dashboard.tags),
  };
  const { account_id: _account, name: _name, ...changed } = row;
  await tables(tx)
    .insertInto('cloudwatch_dashboard')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doUpdateSet(changed))
    .execute();
}

export async function findDashboard(
  db: Db | Tx,
  accountId: string,
  name: string,
): Promise<Dashboard | undefined> {
  const row = await tables(db)
    .selectFrom('cloudwatch_dashboard')
    .select(['modified_at', 'body', 'tags'])
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  return (
    row && {
      ...{ accountId, name, modifiedAt: row.modified_at, body: row.body },
      tags: decodeJson<Record<string, string>>(row.tags),
    }
  );
}

/** A dashboard in a list. */
export interface ListedDashboard {
  name: string;
  modifiedAt: number;
  /** Bytes. */
  size: number;
}

export async function listDashboards(
  db: Db | Tx,
  accountId: string,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<ListedDashboard[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_dashboard')
    .select(['name', 'modified_at', 'size'])
    .where('account_id', '=', accountId)
    .where((e) =>
      e(e.fn('substr', [e.ref('name'), e.val(1), e.val([...prefix].length)]), '=', prefix),
    )
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ name, modified_at: modifiedAt, size }) => ({ name, modifiedAt, size }));
}

export async function deleteDashboard(tx: Tx, accountId: string, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('cloudwatch_dashboard')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .execute();
}
