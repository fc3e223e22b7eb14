import type { Db, Tx } from '../../../db/database.ts';

export type Elbv2Tables = {
  elbv2_balancer: {
    arn: string;
    account_id: string;
    region: string;
    name: string;
    address: string;
    revision: number;
    applied: number;
    body: string;
  };
  elbv2_group: { arn: string; account_id: string; region: string; name: string; body: string };
  elbv2_listener: {
    arn: string;
    balancer_arn: string;
    port: number;
    problem: string | null;
    body: string;
  };
  elbv2_certificate: { listener_arn: string; certificate_arn: string };
  elbv2_rule: { arn: string; listener_arn: string; priority: number; body: string };
  elbv2_forward: { rule_arn: string; group_arn: string; balancer_arn: string };
  elbv2_target: {
    group_arn: string;
    target_id: string;
    port: number;
    /** Epoch ms. */
    drains_until: number | null;
    body: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<Elbv2Tables>();

/** Whose: every list names both. */
export interface Owner {
  accountId: string;
  region: string;
}
