import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { MuteRule } from '../model/mute.ts';
import { type Owner, owned, tables } from './tables.ts';

export async function putMuteRule(tx: Tx, rule: MuteRule): Promise<void> {
  const body = encodeJson(rule);
  await tables(tx)
    .insertInto('cloudwatch_mute_rule')
    .values({ ...owned(rule), name: rule.name, body })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'region', 'name']).doUpdateSet({ body }),
    )
    .execute();
}

const rulesOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('cloudwatch_mute_rule')
    .select('body')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findMuteRule(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<MuteRule | undefined> {
  const row = await rulesOf(db, owner).where('name', '=', name).executeTakeFirst();
  return row && decodeJson<MuteRule>(row.body);
}

/** From behind `after` on; all where there is no limit. */
export async function listMuteRules(
  db: Db | Tx,
  owner: Owner,
  after?: string,
  limit?: number,
): Promise<MuteRule[]> {
  const query = rulesOf(db, owner)
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name');
  const rows = await (limit === undefined ? query : query.limit(limit)).execute();
  return rows.map(({ body }) => decodeJson<MuteRule>(body));
}

export async function deleteMuteRule(tx: Tx, owner: Owner, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('cloudwatch_mute_rule')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}
