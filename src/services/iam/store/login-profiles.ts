import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

/** How a user signs in to the console. */
export interface LoginProfile {
  userId: string;
  createdAt: Date;
  /** When the password was set that holds. */
  changedAt: Date;
  resetRequired: boolean;
  /** The one that holds first, and those before it. */
  hashes: [string, ...string[]];
}

const toRow = (profile: LoginProfile) => ({
  user_id: profile.userId,
  created_at: profile.createdAt.getTime(),
  changed_at: profile.changedAt.getTime(),
  reset_required: profile.resetRequired ? 1 : 0,
  password_hashes: encodeJson(profile.hashes),
});

export async function findLoginProfile(tx: Tx, userId: string): Promise<LoginProfile | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_login_profile')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return (
    row && {
      userId,
      createdAt: new Date(row.created_at),
      changedAt: new Date(row.changed_at),
      resetRequired: row.reset_required === 1,
      hashes: decodeJson(row.password_hashes),
    }
  );
}

export async function insertLoginProfile(tx: Tx, profile: LoginProfile): Promise<void> {
  await tables(tx).insertInto('iam_login_profile').values(toRow(profile)).execute();
}

export async function updateLoginProfile(tx: Tx, profile: LoginProfile): Promise<void> {
  const { user_id, ...set } = toRow(profile);
  await tables(tx)
    .updateTable('iam_login_profile')
    .set(set)
    .where('user_id', '=', user_id)
    .execute();
}

export async function deleteLoginProfileRow(tx: Tx, userId: string): Promise<void> {
  await tables(tx).deleteFrom('iam_login_profile').where('user_id', '=', userId).execute();
}
