import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { InstanceChange } from '../model/advance.ts';
import type { Instance, InstanceBody, InstanceState } from '../model/instance.ts';
import { instanceKey } from '../reconcilers/names.ts';
import { type Ec2Tables, type Owner, tables } from './tables.ts';

/** What decisions are made from: a release that needs another form brings the upgrade from the form before. */
const BODY = defineDocument<InstanceBody>();

type Row = Ec2Tables['ec2_instance'];

const fromRow = (row: Row): Instance => ({
  ...{ accountId: row.account_id, region: row.region, id: row.id },
  state: row.state as InstanceState,
  clientToken: row.client_token ?? undefined,
  ...{ wantedBoots: row.wanted_boots, boots: row.boots },
  handle: row.handle ?? undefined,
  address: row.address ?? undefined,
  reachable: row.reachable === 1,
  terminatedAt: row.terminated_at ?? undefined,
  body: BODY.decode(row.body),
});

const toRow = (instance: Instance): Row => ({
  ...{ account_id: instance.accountId, region: instance.region, id: instance.id },
  state: instance.state,
  client_token: instance.clientToken ?? null,
  ...{ wanted_boots: instance.wantedBoots, boots: instance.boots },
  handle: instance.handle ?? null,
  address: instance.address ?? null,
  reachable: instance.reachable ? 1 : 0,
  terminated_at: instance.terminatedAt ?? null,
  body: BODY.encode(instance.body),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('ec2_instance')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function insertInstance(tx: Tx, instance: Instance): Promise<void> {
  await tables(tx).insertInto('ec2_instance').values(toRow(instance)).execute();
}

export async function findInstance(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<Instance | undefined> {
  const row = await owned(db, owner).where('id', '=', id).executeTakeFirst();
  return row && fromRow(row);
}

/** By id, in no order. */
export async function findInstances(
  db: Db | Tx,
  owner: Owner,
  ids: readonly string[],
): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  const rows = await owned(db, owner).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** All of them, in the order of their ids. */
export async function listInstances(db: Db | Tx, owner: Owner): Promise<Instance[]> {
  return (await owned(db, owner).orderBy('id').execute()).map(fromRow);
}

/** Those that a call with this token has made. */
export async function instancesOfToken(
  db: Db | Tx,
  owner: Owner,
  token: string,
): Promise<Instance[]> {
  const rows = await owned(db, owner).where('client_token', '=', token).orderBy('id').execute();
  return rows.map(fromRow);
}

export async function updateInstance(
  tx: Tx,
  instance: Instance,
  set: InstanceChange,
): Promise<void> {
  const { account_id, region, id, ...values } = toRow({ ...instance, ...set });
  await tables(tx)
    .updateTable('ec2_instance')
    .set(values)
    .where('account_id', '=', account_id)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

export async function deleteInstance(
  tx: Tx,
  { accountId, region, id }: Pick<Instance, 'accountId' | 'region' | 'id'>,
): Promise<void> {
  await tables(tx)
    .deleteFrom('ec2_instance')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

/** Keys of those in these states. */
export async function keysInStates(
  db: Db | Tx,
  states: readonly InstanceState[],
  limit: number,
): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('ec2_instance')
    .select(['account_id', 'region', 'id'])
    .where('state', 'in', states)
    .limit(limit)
    .execute();
  return rows.map((row) => instanceKey({ accountId: row.account_id, region: row.region }, row.id));
}

/** Of all accounts: where each instance is that is not gone. */
export async function placesOfAll(db: Db | Tx): Promise<Owner[]> {
  const rows = await tables(db)
    .selectFrom('ec2_instance')
    .select(['account_id', 'region'])
    .where('state', '!=', 'terminated')
    .execute();
  return rows.map((row) => ({ accountId: row.account_id, region: row.region }));
}

/** Has any instance that is not gone this network or volume? */
export async function usersOf(db: Db | Tx, place: string): Promise<boolean> {
  const rows = await tables(db)
    .selectFrom('ec2_instance')
    .selectAll()
    .where('state', '!=', 'terminated')
    .execute();
  return rows
    .map(fromRow)
    .some(({ body: { place: its } }) => [its.network, its.tools].includes(place));
}
