import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Target } from '../model/things.ts';
import { type Elbv2Tables, type Owner, tables } from './tables.ts';

type Body = Pick<Target, 'address' | 'ours' | 'zone' | 'health'>;

const targetOf = (row: Elbv2Tables['elbv2_target']): Target => ({
  ...{ groupArn: row.group_arn, id: row.target_id, port: row.port },
  drainsUntil: row.drains_until ?? undefined,
  ...decodeJson<Body>(row.body),
});

export const listTargets = (db: Db | Tx, groupArn: string): Promise<Target[]> =>
  targetsOf(db, [groupArn]);

/** Of several target groups. */
export async function targetsOf(db: Db | Tx, groupArns: readonly string[]): Promise<Target[]> {
  if (groupArns.length === 0) return [];
  const rows = await tables(db)
    .selectFrom('elbv2_target')
    .selectAll()
    .where('group_arn', 'in', groupArns)
    .orderBy('target_id')
    .orderBy('port')
    .execute();
  return rows.map(targetOf);
}

/** Those of a group that have one id, each with a port of its own. */
export async function targetsById(db: Db | Tx, groupArn: string, id: string): Promise<Target[]> {
  const rows = await tables(db)
    .selectFrom('elbv2_target')
    .selectAll()
    .where('group_arn', '=', groupArn)
    .where('target_id', '=', id)
    .execute();
  return rows.map(targetOf);
}

/** Takes an instance out of every target group of its owner. @returns those that had it */
export async function removeTargets(
  tx: Tx,
  { accountId, region }: Owner,
  id: string,
): Promise<string[]> {
  const rows = await tables(tx)
    .deleteFrom('elbv2_target')
    .where('target_id', '=', id)
    .where('group_arn', 'in', (e) =>
      e
        .selectFrom('elbv2_group')
        .select('arn')
        .where('account_id', '=', accountId)
        .where('region', '=', region),
    )
    .returning('group_arn')
    .execute();
  return [...new Set(rows.map((row) => row.group_arn))];
}

/** Nothing goes on at targets that drain once no balancer leads to their group. */
export async function forgetUnused(tx: Tx, { accountId, region }: Owner): Promise<void> {
  await tables(tx)
    .deleteFrom('elbv2_target')
    .where('drains_until', 'is not', null)
    .where('group_arn', 'in', (e) =>
      e
        .selectFrom('elbv2_group')
        .select('arn')
        .where('account_id', '=', accountId)
        .where('region', '=', region),
    )
    .where('group_arn', 'not in', (e) => e.selectFrom('elbv2_forward').select('group_arn'))
    .execute();
}

/** Whether it is there or not. */
export async function putTarget(tx: Tx, target: Target): Promise<void> {
  const { groupArn, id, port, drainsUntil, address, ours, zone, health } = target;
  const drains_until = drainsUntil ?? null;
  const body = encodeJson({ address, ours, zone, health } satisfies Body);
  await tables(tx)
    .insertInto('elbv2_target')
    .values({ group_arn: groupArn, target_id: id, port, drains_until, body })
    .onConflict((on) =>
      on.columns(['group_arn', 'target_id', 'port']).doUpdateSet({ drains_until, body }),
    )
    .execute();
}

export async function deleteTarget(
  tx: Tx,
  { groupArn, id, port }: Pick<Target, 'groupArn' | 'id' | 'port'>,
): Promise<void> {
  await tables(tx)
    .deleteFrom('elbv2_target')
    .where('group_arn', '=', groupArn)
    .where('target_id', '=', id)
    .where('port', '=', port)
    .execute();
}
