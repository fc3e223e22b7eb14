import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { KeyPair } from '../model/key-pairs.ts';
import { type Owner, tables } from './tables.ts';

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('ec2_key_pair')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** In the order of their ids. */
export async function listKeyPairs(db: Db | Tx, owner: Owner): Promise<KeyPair[]> {
  const rows = await owned(db, owner).orderBy('id').execute();
  return rows.map((row) => decodeJson<KeyPair>(row.body));
}

/** The one that has this id, this name, or both. */
export async function findKeyPair(
  db: Db | Tx,
  owner: Owner,
  { id, name }: { id?: string | undefined; name?: string | undefined },
): Promise<KeyPair | undefined> {
  if (id === undefined && name === undefined) return undefined;
  let query = owned(db, owner);
  if (id !== undefined) query = query.where('id', '=', id);
  if (name !== undefined) query = query.where('name', '=', name);
  const row = await query.executeTakeFirst();
  return row && decodeJson<KeyPair>(row.body);
}

export async function insertKeyPair(tx: Tx, owner: Owner, pair: KeyPair): Promise<void> {
  const { accountId: account_id, region } = owner;
  const { id, name } = pair;
  await tables(tx)
    .insertInto('ec2_key_pair')
    .values({ account_id, region, id, name, body: encodeJson(pair) })
    .execute();
}

export async function deleteKeyPair(tx: Tx, owner: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('ec2_key_pair')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}
