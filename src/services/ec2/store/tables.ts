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

export type Ec2Tables = {
  ec2_instance: Owned & {
    id: string;
    state: string;
    client_token: string | null;
    wanted_boots: number;
    boots: number;
    handle: string | null;
    address: string | null;
    reachable: number;
    terminated_at: number | null;
    body: string;
  };
  ec2_image: Owned & { id: string; body: string };
  ec2_security_group: Owned & { id: string; name: string; body: string };
  ec2_launch_template: Owned & {
    id: string;
    name: string;
    client_token: string | null;
    body: string;
  };
  ec2_launch_template_version: Owned & {
    template_id: string;
    number: number;
    client_token: string | null;
    body: string;
  };
  ec2_key_pair: Owned & { id: string; name: string; body: string };
  ec2_tag: Owned & { resource_id: string; tag_key: string; tag_value: string };
};

export const tables = (db: Db | Tx) => db.withTables<Ec2Tables>();
