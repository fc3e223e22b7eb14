import type { Tx } from '../../db/database.ts';

type Tables = {
  console_session: {
    id: string;
    account_id: string;
    principal_id: string;
    expires_at: number;
    /** Sealed. */
    data: string;
  };
  console_failure: { id: string; failures: number; last_at: number };
};

export const tables = (tx: Tx) => tx.withTables<Tables>();
