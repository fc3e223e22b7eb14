import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { busArn, DEFAULT_BUS } from '../model/names.ts';
import { type Owner, tables } from './tables.ts';

export interface Bus {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  policy?: string;
  description?: string;
  deadLetterArn?: string;
  tags: Record<string, string>;
  /** Absent for a default bus that nobody has changed. */
  createdAt?: Date;
  modifiedAt?: Date;
}

type BusBody = Omit<Bus, 'accountId' | 'region' | 'name' | 'arn'>;

const busOf = (owner: Owner, name: string, body: BusBody): Bus => ({
  ...{ accountId: owner.accountId, region: owner.region, name },
  arn: busArn({ accountId: owner.accountId, region: owner.region }, name),
  ...body,
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('events_bus')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** The default bus is always there. */
export async function findBus(db: Db | Tx, owner: Owner, name: string): Promise<Bus | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  if (row) return busOf(owner, name, decodeJson<BusBody>(row.body));
  return name === DEFAULT_BUS ? busOf(owner, name, { tags: {} }) : undefined;
}

export async function listBuses(db: Db | Tx, owner: Owner): Promise<Bus[]> {
  const rows = await owned(db, owner).execute();
  const buses = rows.map((row) => busOf(owner, row.name, decodeJson<BusBody>(row.body)));
  const hasDefault = buses.some(({ name }) => name === DEFAULT_BUS);
  return hasDefault ? buses : [busOf(owner, DEFAULT_BUS, { tags: {} }), ...buses];
}

export async function saveBus(
  tx: Tx,
  { accountId: account_id, region, name, arn: _, ...its }: Bus,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('events_bus')
    .values({ account_id, region, name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

export async function deleteBus(tx: Tx, { accountId, region }: Owner, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('events_bus')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .execute();
}
