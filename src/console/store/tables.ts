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
    until_at: number;
  };
  /** Of the places in `console_watch`, no others. */
  console_position: { account_id: string; region: string; last_position: number };
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
