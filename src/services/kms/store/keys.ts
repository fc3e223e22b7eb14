import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Key, State } from '../model/key.ts';
import type { Place } from '../model/key-id.ts';

type Tables = {
  kms_key: {
    account_id: string;
    region: string;
    key_id: string;
    manager: string;
    state: string;
    created_at: number;
    deletion_at: number | null;
    description: string;
    policy: string;
    tags: string;
    material: string;
  };
  kms_alias: AliasRow;
  /** The rest is in store-grants.ts. */
  kms_grant: { key_id: string };
};

type AliasRow = {
  account_id: string;
  region: string;
  alias_name: string;
  key_id: string;
  created_at: number;
  updated_at: number;
};

export interface Alias {
  aliasName: string;
  keyId: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A page of a list: `after` is exclusive. */
export interface Page {
  after: string;
  limit: number;
}

const tables = (tx: Tx) => tx.withTables<Tables>();

export async function insertKey(tx: Tx, key: Key): Promise<void> {
  await tables(tx).insertInto('kms_key').values(rowOf(key)).execute();
}

export async function updateKey(tx: Tx, key: Key): Promise<void> {
  await tables(tx).updateTable('kms_key').set(rowOf(key)).where('key_id', '=', key.keyId).execute();
}

export async function findKey(tx: Tx, keyId: string): Promise<Key | undefined> {
  const row = await tables(tx)
    .selectFrom('kms_key')
    .selectAll()
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row && keyOf(row);
}

export async function listKeyIds(tx: Tx, place: Place, page: Page): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('kms_key')
    .select('key_id')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('key_id', '>', page.after)
    .orderBy('key_id')
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.key_id);
}

/** Ids of keys whose waiting period has ended. */
export async function keysToDelete(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('kms_key')
    .select('key_id')
    .where('deletion_at', '<=', now.getTime())
    .execute();
  return rows.map((row) => row.key_id);
}

/** Removes a key with its material, its aliases and grants: whatever it encrypted is lost. */
export async function deleteKey(tx: Tx, keyId: string): Promise<void> {
  for (const table of ['kms_alias', 'kms_grant'] as const)
    await tables(tx).deleteFrom(table).where('key_id', '=', keyId).execute();
  await tables(tx).deleteFrom('kms_key').where('key_id', '=', keyId).execute();
}

export async function insertAlias(tx: Tx, place: Place, alias: Alias): Promise<void> {
  await tables(tx)
    .insertInto('kms_alias')
    .values({
      account_id: place.accountId,
      region: place.region,
      alias_name: alias.aliasName,
      key_id: alias.keyId,
      created_at: alias.createdAt.getTime(),
      updated_at: alias.updatedAt.getTime(),
    })
    .execute();
}

export async function findAlias(
  tx: Tx,
  place: Place,
  aliasName: string,
): Promise<Alias | undefined> {
  const row = await tables(tx)
    .selectFrom('kms_alias')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('alias_name', '=', aliasName)
    .executeTakeFirst();
  return row && aliasOf(row);
}

export async function pointAlias(
  tx: Tx,
  place: Place,
  aliasName: string,
  keyId: string,
  now: Date,
): Promise<void> {
  await tables(tx)
    .updateTable('kms_alias')
    .set({ key_id: keyId, updated_at: now.getTime() })
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('alias_name', '=', aliasName)
    .execute();
}

export async function deleteAlias(tx: Tx, place: Place, aliasName: string): Promise<void> {
  await tables(tx)
    .deleteFrom('kms_alias')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('alias_name', '=', aliasName)
    .execute();
}

export async function listAliases(
  tx: Tx,
  place: Place,
  page: Page,
  keyId?: string,
): Promise<Alias[]> {
  let query = tables(tx)
    .selectFrom('kms_alias')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('alias_name', '>', page.after);
  if (keyId) query = query.where('key_id', '=', keyId);
  return (await query.orderBy('alias_name').limit(page.limit).execute()).map(aliasOf);
}

function rowOf(key: Key): Tables['kms_key'] {
  return {
    account_id: key.accountId,
    region: key.region,
    key_id: key.keyId,
    manager: key.manager,
    state: key.state,
    created_at: key.createdAt.getTime(),
    deletion_at: key.deletionAt?.getTime() ?? null,
    description: key.description,
    policy: key.policy,
    tags: encodeJson(key.tags),
    material: key.material,
  };
}

function keyOf(row: Tables['kms_key']): Key {
  return {
    accountId: row.account_id,
    region: row.region,
    keyId: row.key_id,
    manager: row.manager as Key['manager'],
    state: row.state as State,
    createdAt: new Date(row.created_at),
    deletionAt: row.deletion_at === null ? undefined : new Date(row.deletion_at),
    description: row.description,
    policy: row.policy,
    tags: decodeJson(row.tags),
    material: row.material,
  };
}

function aliasOf(row: AliasRow): Alias {
  return {
    aliasName: row.alias_name,
    keyId: row.key_id,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
