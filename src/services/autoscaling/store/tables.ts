import type { Db, Tx } from '../../../db/database.ts';

/** Whose: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}

interface Owned {
  account_id: string;
  region: string;
}

export type AutoScalingTables = {
  autoscaling_group: Owned & { name: string; body: string };
  autoscaling_member: Owned & {
    slot: string;
    group_name: string;
    instance_id: string | null;
    body: string;
  };
  autoscaling_activity: Owned & {
    id: string;
    group_name: string;
    group_id: string;
    started_at: number;
    body: string;
  };
  autoscaling_configuration: Owned & { name: string; body: string };
  autoscaling_refresh: Owned & {
    id: string;
    group_name: string;
    group_id: string;
    started_at: number;
    body: string;
  };
  autoscaling_delivery: Owned & { id: string; group_arn: string; made_at: number; body: string };
};

export const tables = (db: Db | Tx) => db.withTables<AutoScalingTables>();
