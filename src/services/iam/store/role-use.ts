import type { Tx } from '../../../db/database.ts';
import { tables } from './tables.ts';

export interface RoleUse {
  usedAt: Date;
  region: string;
}

export async function setRoleUse(tx: Tx, roleId: string, use: RoleUse): Promise<void> {
  const set = { used_at: use.usedAt.getTime(), region: use.region };
  await tables(tx)
    .insertInto('iam_role_use')
    .values({ role_id: roleId, ...set })
    .onConflict((oc) => oc.column('role_id').doUpdateSet(set))
    .execute();
}

export async function findRoleUse(tx: Tx, roleId: string): Promise<RoleUse | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_role_use')
    .select(['used_at', 'region'])
    .where('role_id', '=', roleId)
    .executeTakeFirst();
  return row && { usedAt: new Date(row.used_at), region: row.region };
}

export async function deleteRoleUse(tx: Tx, roleId: string): Promise<void> {
  await tables(tx).deleteFrom('iam_role_use').where('role_id', '=', roleId).execute();
}
