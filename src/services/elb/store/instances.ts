import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Instance } from '../model/things.ts';
import { type ElbTables, type Owner, tables } from './tables.ts';

type Body = Pick<Instance, 'address' | 'health' | 'drained'>;

const instanceOf = (row: ElbTables['elb_instance']): Instance => ({
  ...{ balancerArn: row.balancer_arn, id: row.instance_id },
  drainsUntil: row.drains_until ?? undefined,
  ...decodeJson<Body>(row.body),
});

export const listInstances = (db: Db | Tx, balancerArn: string): Promise<Instance[]> =>
  instancesOf(db, [balancerArn]);

/** Of several load balancers. */
export async function instancesOf(
  db: Db | Tx,
  balancerArns: readonly string[],
): Promise<Instance[]> {
  if (balancerArns.length === 0) return [];
  const rows = await tables(db)
    .selectFrom('elb_instance')
    .selectAll()
    .where('balancer_arn', 'in', balancerArns)
    .orderBy('instance_id')
    .execute();
  return rows.map(instanceOf);
}

export async function findInstance(
  db: Db | Tx,
  balancerArn: string,
  id: string,
): Promise<Instance | undefined> {
  const row = await tables(db)
    .selectFrom('elb_instance')
    .selectAll()
    .where('balancer_arn', '=', balancerArn)
    .where('instance_id', '=', id)
    .executeTakeFirst();
  return row && instanceOf(row);
}

export async function drainingInstances(db: Db | Tx, balancerArn: string): Promise<Instance[]> {
  const rows = await tables(db)
    .selectFrom('elb_instance')
    .selectAll()
    .where('balancer_arn', '=', balancerArn)
    .where('drains_until', 'is not', null)
    .execute();
  return rows.map(instanceOf);
}

/** Takes an instance out of every load balancer of its owner. @returns those that had it */
export async function removeInstance(
  tx: Tx,
  { accountId, region }: Owner,
  id: string,
): Promise<string[]> {
  const rows = await tables(tx)
    .deleteFrom('elb_instance')
    .where('instance_id', '=', id)
    .where('balancer_arn', 'in', (e) =>
      e
        .selectFrom('elb_balancer')
        .select('arn')
        .where('account_id', '=', accountId)
        .where('region', '=', region),
    )
    .returning('balancer_arn')
    .execute();
  return rows.map((row) => row.balancer_arn);
}

/** Whether it is there or not. */
export async function putInstance(tx: Tx, instance: Instance): Promise<void> {
  const { balancerArn, id, drainsUntil, address, health, drained } = instance;
  const drains_until = drainsUntil ?? null;
  const body = encodeJson({ address, health, drained } satisfies Body);
  await tables(tx)
    .insertInto('elb_instance')
    .values({ balancer_arn: balancerArn, instance_id: id, drains_until, body })
    .onConflict((on) =>
      on.columns(['balancer_arn', 'instance_id']).doUpdateSet({ drains_until, body }),
    )
    .execute();
}

export async function deleteInstance(
  tx: Tx,
  { balancerArn, id }: Pick<Instance, 'balancerArn' | 'id'>,
): Promise<void> {
  await tables(tx)
    .deleteFrom('elb_instance')
    .where('balancer_arn', '=', balancerArn)
    .where('instance_id', '=', id)
    .execute();
}
