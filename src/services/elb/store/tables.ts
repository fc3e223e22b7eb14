import type { Db, Tx } from '../../../db/database.ts';

export type ElbTables = {
  elb_balancer: {
    arn: string;
    account_id: string;
    region: string;
    name: string;
    address: string;
    creation: string;
    revision: number;
    applied: number;
    body: string;
  };
  elb_certificate: { balancer_arn: string; certificate_arn: string };
  elb_instance: {
    balancer_arn: string;
    instance_id: string;
    /** Epoch ms. */
    drains_until: number | null;
    body: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<ElbTables>();

/** Whose: every list names both. */
export interface Owner {
  accountId: string;
  region: string;
}
