import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Target } from '../model/things.ts';
import { type Elbv2Tables, tables } from './tables.ts';

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
