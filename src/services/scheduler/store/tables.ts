import type { Db, Tx } from '../../../db/database.ts';

interface Named {
  account_id: string;
  region: string;
  name: string;
  body: string;
}

export type SchedulerTables = {
  scheduler_group: Named;
  scheduler_schedule: Named & { group_name: string; next_at: number | null };
};

export const tables = (db: Db | Tx) => db.withTables<SchedulerTables>();

/** Whose schedules: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}
