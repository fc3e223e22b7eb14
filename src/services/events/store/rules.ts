import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { BusPlace } from '../model/names.ts';
import type { Rule } from '../model/rule.ts';
import { revisions } from './revisions.ts';
import { type EventsTables, type Owner, tables } from './tables.ts';

type RuleBody = Omit<Rule, 'accountId' | 'region' | 'bus' | 'name' | 'nextAt'>;

function ruleOf(row: EventsTables['events_rule']): Rule {
  return {
    ...{ accountId: row.account_id, region: row.region, bus: row.bus, name: row.name },
    ...decodeJson<RuleBody>(row.body),
    ...(row.next_at !== null && { nextAt: new Date(row.next_at) }),
  };
}

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('events_rule')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findRule(
  db: Db | Tx,
  { bus, ...owner }: BusPlace,
  name: string,
): Promise<Rule | undefined> {
  const found = owned(db, owner).where('bus', '=', bus).where('name', '=', name);
  const row = await found.executeTakeFirst();
  return row && ruleOf(row);
}

/** Of one bus, or of all of the account. */
export async function listRules(db: Db | Tx, owner: Owner, bus?: string): Promise<Rule[]> {
  const all = owned(db, owner);
  const rows = await (bus === undefined ? all : all.where('bus', '=', bus)).execute();
  return rows.map(ruleOf);
}

export async function saveRule(tx: Tx, rule: Rule): Promise<void> {
  const { accountId: account_id, region, bus, name, nextAt, ...its } = rule;
  const values = { next_at: nextAt?.getTime() ?? null, body: encodeJson(its) };
  await tables(tx)
    .insertInto('events_rule')
    .values({ account_id, region, bus, name, ...values })
    .onConflict((c) => c.columns(['account_id', 'region', 'bus', 'name']).doUpdateSet(values))
    .execute();
  await revisions.changed(tx, rule);
}

/**
 * Goes on from one time to the next. No other rule changes by it, and all who do it at once get on.
 * @returns false where somebody else did meanwhile, or has changed it
 */
export async function goOn(tx: Tx, rule: Rule, next: Date | undefined): Promise<boolean> {
  const result = await tables(tx)
    .updateTable('events_rule')
    .set({ next_at: next?.getTime() ?? null })
    .where('account_id', '=', rule.accountId)
    .where('region', '=', rule.region)
    .where('bus', '=', rule.bus)
    .where('name', '=', rule.name)
    .where('next_at', '=', rule.nextAt?.getTime() ?? null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteRule(tx: Tx, rule: Rule): Promise<void> {
  await tables(tx)
    .deleteFrom('events_rule')
    .where('account_id', '=', rule.accountId)
    .where('region', '=', rule.region)
    .where('bus', '=', rule.bus)
    .where('name', '=', rule.name)
    .execute();
  await revisions.changed(tx, rule);
}

/** Rules whose schedule was due before `now` (epoch ms). */
export async function listDueRules(db: Db | Tx, now: number): Promise<Rule[]> {
  const rows = await tables(db)
    .selectFrom('events_rule')
    .selectAll()
    .where('next_at', '<=', now)
    .execute();
  return rows.map(ruleOf);
}
