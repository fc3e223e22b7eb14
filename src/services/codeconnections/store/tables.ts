import type { Db, Tx } from '../../../db/database.ts';

interface Owned {
  account_id: string;
  region: string;
  arn: string;
  body: string;
}

export type CodeConnectionsTables = {
  codeconnections_connection: Owned & { host_arn: string | null };
  codeconnections_host: Owned;
  codeconnections_link: Owned & { id: string; repository: string };
  /** Repositories that are elsewhere than their connection says. */
  codeconnections_mapping: { connection_arn: string; repository: string; body: string };
  /** Repositories whose changes are looked for. */
  codeconnections_watch: {
    id: string;
    connection_arn: string;
    repository: string;
    /** 1 while it is looked at now and then. */
    polled: number;
    body: string;
  };
  /** What was told last of a pull request. */
  codeconnections_pull_request: { watch_id: string; number: string; state: string };
  codeconnections_upload: {
    id: string;
    connection_arn: string;
    s3_bucket: string;
    s3_key: string;
    status: string;
    /** Epoch ms. */
    created: number;
    body: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<CodeConnectionsTables>();

/** Whose: queries of lists name both. */
export interface Owner {
  accountId: string;
  region: string;
}
