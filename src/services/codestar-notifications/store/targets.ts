import type { Db, Tx } from '../../../db/database.ts';
import type { NotificationTarget, TargetStatus, TargetType } from '../model/rule.ts';
import { type NotificationsTables, type Owner, tables } from './tables.ts';

function targetOf(row: NotificationsTables['codestar_notifications_target']): NotificationTarget {
  const { address, type, status } = row;
  return { address, type: type as TargetType, status: status as TargetStatus };
}

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codestar_notifications_target')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function listTargets(db: Db | Tx, owner: Owner): Promise<NotificationTarget[]> {
  return (await owned(db, owner).orderBy('address').execute()).map(targetOf);
}

/** Those of a rule, in its order. */
export async function findTargets(
  db: Db | Tx,
  owner: Owner,
  addresses: readonly string[],
): Promise<NotificationTarget[]> {
  if (addresses.length === 0) return [];
  const rows = await owned(db, owner)
    .where('address', 'in', [...addresses])
    .execute();
  const found = new Map(rows.map((row) => [row.address, targetOf(row)]));
  return addresses.flatMap((address) => found.get(address) ?? []);
}

/** One that is there already stays as it is. */
export async function addTarget(tx: Tx, owner: Owner, target: NotificationTarget): Promise<void> {
  const { accountId: account_id, region } = owner;
  await tables(tx)
    .insertInto('codestar_notifications_target')
    .values({ account_id, region, ...target })
    .onConflict((c) => c.columns(['account_id', 'region', 'address']).doNothing())
    .execute();
}

export async function deleteTarget(tx: Tx, owner: Owner, address: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codestar_notifications_target')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('address', '=', address)
    .execute();
}

/** Writes nothing where it is known already. */
export async function setStatus(
  tx: Tx,
  owner: Owner,
  address: string,
  status: TargetStatus,
): Promise<void> {
  await tables(tx)
    .updateTable('codestar_notifications_target')
    .set({ status })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('address', '=', address)
    .where('status', '!=', status)
    .execute();
}
