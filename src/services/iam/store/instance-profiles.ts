import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type Page, pathBeginsWith, type Tables, tables } from './tables.ts';

/** What hands a role to instances. */
export interface InstanceProfile {
  accountId: string;
  name: string;
  /** `AIPA…` */
  id: string;
  path: string;
  createdAt: Date;
  /** The unique id of its role. */
  roleId?: string | undefined;
  data: { tags: { Key: string; Value: string }[] };
}

type Row = Tables['iam_instance_profile'];

const fromRow = (row: Row): InstanceProfile => ({
  accountId: row.account_id,
  ...{ name: row.name, id: row.id, path: row.path },
  createdAt: new Date(row.created_at),
  ...(row.role_id !== null && { roleId: row.role_id }),
  data: decodeJson<InstanceProfile['data']>(row.data),
});

export const profileKey = (name: string): string => name.toLowerCase();

const toRow = (profile: InstanceProfile): Row => ({
  account_id: profile.accountId,
  name_key: profileKey(profile.name),
  ...{ name: profile.name, id: profile.id, path: profile.path },
  created_at: profile.createdAt.getTime(),
  role_id: profile.roleId ?? null,
  data: encodeJson(profile.data),
});

export async function insertProfile(tx: Tx, profile: InstanceProfile): Promise<void> {
  await tables(tx).insertInto('iam_instance_profile').values(toRow(profile)).execute();
}

export async function updateProfile(tx: Tx, profile: InstanceProfile): Promise<void> {
  await tables(tx)
    .updateTable('iam_instance_profile')
    .set(toRow(profile))
    .where('id', '=', profile.id)
    .execute();
}

export async function deleteProfile(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('iam_instance_profile').where('id', '=', id).execute();
}

/** By name, whatever its case. */
export async function findProfile(
  tx: Tx,
  accountId: string,
  name: string,
): Promise<InstanceProfile | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_instance_profile')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name_key', '=', profileKey(name))
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listProfiles(
  tx: Tx,
  accountId: string,
  pathPrefix: string,
  page: Page,
): Promise<InstanceProfile[]> {
  const rows = await tables(tx)
    .selectFrom('iam_instance_profile')
    .selectAll()
    .where('account_id', '=', accountId)
    .where(pathBeginsWith(pathPrefix))
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}

/** Those that hand this role out. */
export async function profilesOf(tx: Tx, roleId: string, page: Page): Promise<InstanceProfile[]> {
  const rows = await tables(tx)
    .selectFrom('iam_instance_profile')
    .selectAll()
    .where('role_id', '=', roleId)
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}
