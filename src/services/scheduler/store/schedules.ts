import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Schedule } from '../model/schedule.ts';
import { type Owner, type SchedulerTables, tables } from './tables.ts';

/** Names a schedule. */
export interface SchedulePlace extends Owner {
  group: string;
  name: string;
}

type ScheduleBody = Omit<Schedule, 'accountId' | 'region' | 'group' | 'name' | 'nextAt'>;

const scheduleOf = (row: SchedulerTables['scheduler_schedule']): Schedule => ({
  ...{ accountId: row.account_id, region: row.region, group: row.group_name, name: row.name },
  ...decodeJson<ScheduleBody>(row.body),
  ...(row.next_at !== null && { nextAt: new Date(row.next_at) }),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('scheduler_schedule')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findSchedule(
  db: Db | Tx,
  { group, name, ...owner }: SchedulePlace,
): Promise<Schedule | undefined> {
  const named = owned(db, owner).where('group_name', '=', group).where('name', '=', name);
  const row = await named.executeTakeFirst();
  return row && scheduleOf(row);
}

/** Of one group, or of all. */
export async function listSchedules(
  db: Db | Tx,
  owner: Owner,
  group?: string,
): Promise<Schedule[]> {
  const all = owned(db, owner);
  const rows = await (group === undefined ? all : all.where('group_name', '=', group)).execute();
  return rows.map(scheduleOf);
}

export async function saveSchedule(tx: Tx, schedule: Schedule): Promise<void> {
  const { accountId: account_id, region, group: group_name, name, nextAt, ...its } = schedule;
  const values = { next_at: nextAt?.getTime() ?? null, body: encodeJson(its) };
  await tables(tx)
    .insertInto('scheduler_schedule')
    .values({ account_id, region, group_name, name, ...values })
    .onConflict((c) =>
      c.columns(['account_id', 'region', 'group_name', 'name']).doUpdateSet(values),
    )
    .execute();
}

/**
 * Goes on from one time to the next. All who do it at once get on: each touches a row of his own.
 * @returns false where somebody else did meanwhile, or has changed it
 */
export async function goOn(
  tx: Tx,
  { accountId, region, group, name, nextAt }: Schedule,
  next: Date | undefined,
): Promise<boolean> {
  const result = await tables(tx)
    .updateTable('scheduler_schedule')
    .set({ next_at: next?.getTime() ?? null })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('group_name', '=', group)
    .where('name', '=', name)
    .where('next_at', '=', nextAt?.getTime() ?? null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteSchedule(
  tx: Tx,
  { accountId, region, group, name }: SchedulePlace,
): Promise<void> {
  await tables(tx)
    .deleteFrom('scheduler_schedule')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('group_name', '=', group)
    .where('name', '=', name)
    .execute();
}

/** Schedules that were due before `now` (epoch ms). */
export async function listDueSchedules(db: Db | Tx, now: number): Promise<Schedule[]> {
  const due = tables(db).selectFrom('scheduler_schedule').selectAll().where('next_at', '<=', now);
  return (await due.execute()).map(scheduleOf);
}
