import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { NotificationRule } from '../model/rule.ts';
import { revisions } from './revisions.ts';
import { type NotificationsTables, type Owner, tables } from './tables.ts';

type RuleBody = Omit<NotificationRule, 'accountId' | 'region' | 'id' | 'name'>;

function ruleOf(row: NotificationsTables['codestar_notifications_rule']): NotificationRule {
  const { account_id: accountId, region, id, name } = row;
  return { accountId, region, id, name, ...decodeJson<RuleBody>(row.body) };
}

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codestar_notifications_rule')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findRule(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<NotificationRule | undefined> {
  const row = await owned(db, owner).where('id', '=', id).executeTakeFirst();
  return row && ruleOf(row);
}

/** At most a thousand, which is AWS's quota. */
export async function listRules(db: Db | Tx, owner: Owner): Promise<NotificationRule[]> {
  return (await owned(db, owner).orderBy('id').execute()).map(ruleOf);
}

export async function saveRule(tx: Tx, rule: NotificationRule): Promise<void> {
  const { accountId: account_id, region, id, name, ...its } = rule;
  const values = { name, body: encodeJson(its) };
  await tables(tx)
    .insertInto('codestar_notifications_rule')
    .values({ account_id, region, id, ...values })
    .onConflict((c) => c.columns(['account_id', 'region', 'id']).doUpdateSet(values))
    .execute();
  await revisions.changed(tx, rule);
}

export async function deleteRule(tx: Tx, rule: NotificationRule): Promise<void> {
  await tables(tx)
    .deleteFrom('codestar_notifications_rule')
    .where('account_id', '=', rule.accountId)
    .where('region', '=', rule.region)
    .where('id', '=', rule.id)
    .execute();
  await revisions.changed(tx, rule);
}
