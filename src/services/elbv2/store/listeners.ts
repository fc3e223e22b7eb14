import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { groupsOf } from '../model/rules.ts';
import { DEFAULT_PRIORITY, type Listener, type Rule } from '../model/things.ts';
import { type Elbv2Tables, tables } from './tables.ts';

const listenerOf = (row: Elbv2Tables['elbv2_listener']): Listener => ({
  ...{ arn: row.arn, balancerArn: row.balancer_arn, port: row.port },
  problem: row.problem ?? undefined,
  ...{ certificates: [], attributes: {}, sslPolicy: undefined },
  ...decodeJson<Body>(row.body),
});

type Body = Pick<Listener, 'protocol' | 'tags' | 'sslPolicy' | 'certificates' | 'attributes'>;

const bodyOf = ({ protocol, tags, sslPolicy, certificates, attributes }: Listener) =>
  encodeJson({ protocol, tags, sslPolicy, certificates, attributes } satisfies Body);

const listeners = (db: Db | Tx) => tables(db).selectFrom('elbv2_listener').selectAll();

export async function findListener(db: Db | Tx, arn: string): Promise<Listener | undefined> {
  const row = await listeners(db).where('arn', '=', arn).executeTakeFirst();
  return row && listenerOf(row);
}

export const listListeners = (db: Db | Tx, balancerArn: string): Promise<Listener[]> =>
  listenersOf(db, [balancerArn]);

/** Of several load balancers. */
export async function listenersOf(
  db: Db | Tx,
  balancerArns: readonly string[],
): Promise<Listener[]> {
  if (balancerArns.length === 0) return [];
  const rows = await listeners(db).where('balancer_arn', 'in', balancerArns).execute();
  return rows.map(listenerOf);
}

export async function insertListener(tx: Tx, listener: Listener): Promise<void> {
  const { arn, balancerArn, port } = listener;
  await tables(tx)
    .insertInto('elbv2_listener')
    .values({ arn, balancer_arn: balancerArn, port, problem: null, body: bodyOf(listener) })
    .execute();
  await noteCertificates(tx, listener);
}

export async function updateListener(tx: Tx, listener: Listener): Promise<void> {
  const { arn, port } = listener;
  await tables(tx)
    .updateTable('elbv2_listener')
    .set({ port, body: bodyOf(listener) })
    .where('arn', '=', arn)
    .execute();
  await noteCertificates(tx, listener);
}

async function noteCertificates(tx: Tx, { arn, certificates }: Listener): Promise<void> {
  await tables(tx).deleteFrom('elbv2_certificate').where('listener_arn', '=', arn).execute();
  const rows = certificates.map((one) => ({ listener_arn: arn, certificate_arn: one }));
  if (rows.length > 0) await tables(tx).insertInto('elbv2_certificate').values(rows).execute();
}

export async function setProblem(tx: Tx, arn: string, problem: string | undefined): Promise<void> {
  await tables(tx)
    .updateTable('elbv2_listener')
    .set({ problem: problem ?? null })
    .where('arn', '=', arn)
    .execute();
}

export async function deleteListener(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('elbv2_listener').where('arn', '=', arn).execute();
}

const ruleOf = (row: Elbv2Tables['elbv2_rule']): Rule => ({
  ...{ arn: row.arn, listenerArn: row.listener_arn, priority: row.priority },
  ...decodeJson<Pick<Rule, 'conditions' | 'actions' | 'tags'>>(row.body),
});

const ruleBody = ({ conditions, actions, tags }: Rule) => encodeJson({ conditions, actions, tags });

const rules = (db: Db | Tx) => tables(db).selectFrom('elbv2_rule').selectAll();

export async function findRule(db: Db | Tx, arn: string): Promise<Rule | undefined> {
  const row = await rules(db).where('arn', '=', arn).executeTakeFirst();
  return row && ruleOf(row);
}

/** In the order in which they are tried. */
export const listRules = (db: Db | Tx, listenerArn: string): Promise<Rule[]> =>
  rulesOf(db, [listenerArn]);

/** Of several listeners; each one's in the order in which they are tried. */
export async function rulesOf(db: Db | Tx, listenerArns: readonly string[]): Promise<Rule[]> {
  if (listenerArns.length === 0) return [];
  const rows = await rules(db)
    .where('listener_arn', 'in', listenerArns)
    .orderBy('priority')
    .execute();
  return rows.map(ruleOf);
}

/** What each of these listeners does with what no other rule takes. @returns rules by their listeners' ARNs */
export async function defaultRulesOf(
  db: Db | Tx,
  listenerArns: readonly string[],
): Promise<Map<string, Rule>> {
  if (listenerArns.length === 0) return new Map();
  const rows = await rules(db)
    .where('listener_arn', 'in', listenerArns)
    .where('priority', '=', DEFAULT_PRIORITY)
    .execute();
  return new Map(rows.map((row) => [row.listener_arn, ruleOf(row)]));
}

export async function insertRule(tx: Tx, rule: Rule, balancerArn: string): Promise<void> {
  const { arn, listenerArn, priority } = rule;
  await tables(tx)
    .insertInto('elbv2_rule')
    .values({ arn, listener_arn: listenerArn, priority, body: ruleBody(rule) })
    .execute();
  await insertForwards(tx, rule, balancerArn);
}

export async function updateRule(tx: Tx, rule: Rule, balancerArn: string): Promise<void> {
  await tables(tx)
    .updateTable('elbv2_rule')
    .set({ body: ruleBody(rule) })
    .where('arn', '=', rule.arn)
    .execute();
  await tables(tx).deleteFrom('elbv2_forward').where('rule_arn', '=', rule.arn).execute();
  await insertForwards(tx, rule, balancerArn);
}

export async function setPriority(tx: Tx, arn: string, priority: number): Promise<void> {
  await tables(tx).updateTable('elbv2_rule').set({ priority }).where('arn', '=', arn).execute();
}

export async function deleteRule(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('elbv2_rule').where('arn', '=', arn).execute();
}

async function insertForwards(tx: Tx, { arn, actions }: Rule, balancerArn: string): Promise<void> {
  for (const group of groupsOf(actions))
    await tables(tx)
      .insertInto('elbv2_forward')
      .values({ rule_arn: arn, group_arn: group, balancer_arn: balancerArn })
      .execute();
}
