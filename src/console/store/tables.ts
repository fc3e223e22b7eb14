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
  console_watch: {
    account_id: string;
    region: string;
    epoch: string;
    last_position: number;
    until_at: number;
  };
  console_event: {
    account_id: string;
    region: string;
    position: number;
    event_id: string;
    /** Sealed. */
    event: string;
  };
};

export const tables = (tx: Tx) => tx.withTables<Tables>();
