import type { Db, Tx } from '../../../db/database.ts';

/** Whose: every list names both. */
export interface Owner {
  accountId: string;
  region: string;
}

interface Owned {
  account_id: string;
  region: string;
}

export type PartKind = 'version' | 'template';

export type BeanstalkTables = {
  elasticbeanstalk_application: Owned & { name: string; body: string };
  elasticbeanstalk_part: Owned & {
    application: string;
    kind: PartKind;
    name: string;
    created_at: number;
    body: string;
  };
  elasticbeanstalk_environment: Owned & {
    id: string;
    application: string;
    name: string;
    status: string;
    cname: string | null;
    body: string;
  };
  elasticbeanstalk_event: Owned & {
    at: number;
    id: string;
    application: string;
    environment_id: string | null;
    environment_name: string | null;
    body: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<BeanstalkTables>();
