import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Host } from '../model/connection.ts';
import { type CodeConnectionsTables, type Owner, tables } from './tables.ts';

type Body = Omit<Host, 'accountId' | 'region' | 'arn'>;

const hostOf = (row: CodeConnectionsTables['codeconnections_host']): Host => ({
  ...{ accountId: row.account_id, region: row.region, arn: row.arn },
  ...decodeJson<Body>(row.body),
});

const all = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codeconnections_host')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findHost(
  db: Db | Tx,
  { arn, ...owner }: Owner & { arn: string },
): Promise<Host | undefined> {
  const row = await all(db, owner).where('arn', '=', arn).executeTakeFirst();
  return row && hostOf(row);
}

export async function listHosts(db: Db | Tx, owner: Owner): Promise<Host[]> {
  return (await all(db, owner).execute()).map(hostOf);
}

export async function saveHost(
  tx: Tx,
  { accountId: account_id, region, arn, ...its }: Host,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('codeconnections_host')
    .values({ account_id, region, arn, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'arn']).doUpdateSet({ body }))
    .execute();
}

export async function deleteHost(tx: Tx, { accountId, region, arn }: Host): Promise<void> {
  await tables(tx)
    .deleteFrom('codeconnections_host')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', arn)
    .execute();
}
