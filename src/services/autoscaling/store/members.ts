import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Member, MemberBody } from '../model/group.ts';
import { memberKey } from '../reconcilers/names.ts';
import { type AutoScalingTables, type Owner, tables } from './tables.ts';

const BODY = defineDocument<MemberBody>();

const fromRow = (row: AutoScalingTables['autoscaling_member']): Member => ({
  ...{ accountId: row.account_id, region: row.region, slot: row.slot, group: row.group_name },
  ...{ instanceId: row.instance_id ?? undefined, body: BODY.decode(row.body) },
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('autoscaling_member')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** Oldest first; those of one moment by their slots. */
export async function membersOf(db: Db | Tx, owner: Owner, group: string): Promise<Member[]> {
  return sorted(await owned(db, owner).where('group_name', '=', group).execute());
}

const sorted = (rows: AutoScalingTables['autoscaling_member'][]) =>
  rows.map(fromRow).sort((a, b) => a.body.madeAt - b.body.madeAt || (a.slot < b.slot ? -1 : 1));

export async function allMembers(db: Db | Tx, owner: Owner): Promise<Member[]> {
  return sorted(await owned(db, owner).execute());
}

export async function findMember(
  db: Db | Tx,
  owner: Owner,
  slot: string,
): Promise<Member | undefined> {
  const row = await owned(db, owner).where('slot', '=', slot).executeTakeFirst();
  return row && fromRow(row);
}

export async function memberOf(
  db: Db | Tx,
  owner: Owner,
  instanceId: string,
): Promise<Member | undefined> {
  const row = await owned(db, owner).where('instance_id', '=', instanceId).executeTakeFirst();
  return row && fromRow(row);
}

export async function saveMember(tx: Tx, member: Member): Promise<void> {
  const { accountId: account_id, region, slot, group: group_name, instanceId } = member;
  const set = { instance_id: instanceId ?? null, body: BODY.encode(member.body) };
  await tables(tx)
    .insertInto('autoscaling_member')
    .values({ account_id, region, slot, group_name, ...set })
    .onConflict((c) => c.columns(['account_id', 'region', 'slot']).doUpdateSet(set))
    .execute();
}

export async function deleteMember(tx: Tx, owner: Owner, slot: string): Promise<void> {
  await tables(tx)
    .deleteFrom('autoscaling_member')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('slot', '=', slot)
    .execute();
}

/** Keys of those of all accounts. */
export async function allMemberKeys(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('autoscaling_member')
    .select(['account_id', 'region', 'slot'])
    .execute();
  return rows.map((row) =>
    memberKey({ accountId: row.account_id, region: row.region, slot: row.slot }),
  );
}
