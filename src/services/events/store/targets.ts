import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { BusPlace } from '../model/names.ts';
import type { RuleTarget } from '../model/rule.ts';
import { revisions } from './revisions.ts';
import { type Owner, tables } from './tables.ts';

/** Names a rule. */
export interface RulePlace extends BusPlace {
  name: string;
}

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('events_target')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

const ofRule = (db: Db | Tx, { bus, name, ...owner }: RulePlace) =>
  owned(db, owner).where('bus', '=', bus).where('rule', '=', name);

export async function listTargets(db: Db | Tx, rule: RulePlace): Promise<RuleTarget[]> {
  const rows = await ofRule(db, rule).execute();
  return rows.map(({ body }) => decodeJson<RuleTarget>(body));
}

export async function findTarget(
  db: Db | Tx,
  rule: RulePlace,
  id: string,
): Promise<RuleTarget | undefined> {
  const row = await ofRule(db, rule).where('target_id', '=', id).executeTakeFirst();
  return row && decodeJson<RuleTarget>(row.body);
}

/** The ids of all targets of the account, by bus and rule. */
export async function listTargetIds(
  db: Db | Tx,
  owner: Owner,
): Promise<{ bus: string; rule: string; target_id: string }[]> {
  return owned(db, owner).orderBy('target_id').execute();
}

export async function listRulesOfTarget(
  db: Db | Tx,
  { bus, ...owner }: BusPlace,
  arn: string,
): Promise<string[]> {
  const rows = await owned(db, owner).where('bus', '=', bus).where('arn', '=', arn).execute();
  return [...new Set(rows.map(({ rule }) => rule))];
}

export async function saveTargets(
  tx: Tx,
  rule: RulePlace,
  targets: readonly RuleTarget[],
): Promise<void> {
  for (const target of targets) {
    const place = { account_id: rule.accountId, region: rule.region, bus: rule.bus };
    const values = { arn: target.Arn, body: encodeJson(target) };
    await tables(tx)
      .insertInto('events_target')
      .values({ ...place, rule: rule.name, target_id: target.Id, ...values })
      .onConflict((c) =>
        c.columns(['account_id', 'region', 'bus', 'rule', 'target_id']).doUpdateSet(values),
      )
      .execute();
  }
  await revisions.changed(tx, rule);
}

export async function deleteTargets(
  tx: Tx,
  rule: RulePlace,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await tables(tx)
    .deleteFrom('events_target')
    .where('account_id', '=', rule.accountId)
    .where('region', '=', rule.region)
    .where('bus', '=', rule.bus)
    .where('rule', '=', rule.name)
    .where('target_id', 'in', ids)
    .execute();
  await revisions.changed(tx, rule);
}
