import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { certificateArns, type LoadBalancer } from '../model/things.ts';
import { type ElbTables, type Owner, tables } from './tables.ts';

type Row = ElbTables['elb_balancer'];
type Columns =
  | 'arn'
  | 'accountId'
  | 'region'
  | 'name'
  | 'address'
  | 'creation'
  | 'revision'
  | 'applied';

const balancerOf = (row: Row): LoadBalancer => ({
  ...{ arn: row.arn, accountId: row.account_id, region: row.region, name: row.name },
  ...{ address: row.address, creation: row.creation, revision: row.revision, applied: row.applied },
  ...decodeJson<Omit<LoadBalancer, Columns>>(row.body),
});

function bodyOf(balancer: LoadBalancer): string {
  const { arn, accountId, region, name, address, creation, revision, applied, ...body } = balancer;
  return encodeJson(body satisfies Omit<LoadBalancer, Columns>);
}

const all = (db: Db | Tx) => tables(db).selectFrom('elb_balancer').selectAll();

export async function findBalancer(db: Db | Tx, arn: string): Promise<LoadBalancer | undefined> {
  const row = await all(db).where('arn', '=', arn).executeTakeFirst();
  return row && balancerOf(row);
}

export async function listBalancers(
  db: Db | Tx,
  { accountId, region }: Owner,
): Promise<LoadBalancer[]> {
  const rows = await all(db)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .execute();
  return rows.map(balancerOf);
}

export async function isTaken(tx: Tx, address: string): Promise<boolean> {
  const row = await tables(tx)
    .selectFrom('elb_balancer')
    .select('arn')
    .where('address', '=', address)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertBalancer(tx: Tx, balancer: LoadBalancer): Promise<void> {
  const { arn, accountId, region, name, address, creation, revision, applied } = balancer;
  await tables(tx)
    .insertInto('elb_balancer')
    .values({
      ...{ arn, account_id: accountId, region, name, address, creation, revision, applied },
      body: bodyOf(balancer),
    })
    .execute();
  await noteCertificates(tx, balancer);
}

/** Changes all but its revisions. */
export async function updateBalancer(tx: Tx, balancer: LoadBalancer): Promise<void> {
  await tables(tx)
    .updateTable('elb_balancer')
    .set({ body: bodyOf(balancer) })
    .where('arn', '=', balancer.arn)
    .execute();
  await noteCertificates(tx, balancer);
}

async function noteCertificates(tx: Tx, { arn, listeners }: LoadBalancer): Promise<void> {
  await tables(tx).deleteFrom('elb_certificate').where('balancer_arn', '=', arn).execute();
  const used = new Set(certificateArns(listeners));
  const rows = [...used].map((one) => ({ balancer_arn: arn, certificate_arn: one }));
  if (rows.length > 0) await tables(tx).insertInto('elb_certificate').values(rows).execute();
}

export async function usersOfCertificate(db: Db | Tx, certificateArn: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('elb_certificate')
    .select('balancer_arn')
    .where('certificate_arn', '=', certificateArn)
    .execute();
  return rows.map((row) => row.balancer_arn);
}

export async function deleteBalancer(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('elb_balancer').where('arn', '=', arn).execute();
}

export async function countRevision(tx: Tx, arn: string): Promise<void> {
  await tables(tx)
    .updateTable('elb_balancer')
    .set((e) => ({ revision: e('revision', '+', 1) }))
    .where('arn', '=', arn)
    .execute();
}

export async function revisionsOf(
  db: Db | Tx,
  arn: string,
): Promise<{ creation: string; revision: number; applied: number } | undefined> {
  return tables(db)
    .selectFrom('elb_balancer')
    .select(['creation', 'revision', 'applied'])
    .where('arn', '=', arn)
    .executeTakeFirst();
}

/** One of its name that was made since has another */
export async function setApplied(
  tx: Tx,
  { arn, creation, revision: applied }: Pick<LoadBalancer, 'arn' | 'creation' | 'revision'>,
): Promise<void> {
  await tables(tx)
    .updateTable('elb_balancer')
    .set({ applied })
    .where('arn', '=', arn)
    .where('creation', '=', creation)
    .execute();
}

/** All of them: each has listeners to keep open. */
export async function listArns(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db).selectFrom('elb_balancer').select('arn').execute();
  return rows.map(({ arn }) => arn);
}
