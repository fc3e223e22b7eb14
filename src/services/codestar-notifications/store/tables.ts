import type { Db, Tx } from '../../../db/database.ts';

interface OfAccount {
  account_id: string;
  region: string;
}

export type NotificationsTables = {
  codestar_notifications_rule: OfAccount & { id: string; name: string; body: string };
  codestar_notifications_target: OfAccount & { address: string; type: string; status: string };
  /** Another one with each change of rules. */
  codestar_notifications_revision: OfAccount & { revision: string };
  /** Events that have been handed to the rules. */
  codestar_notifications_heard: { event_id: string; heard_at: number };
  /** What is owed to one target of one rule (`queue`), in the order in which it came. */
  codestar_notifications_delivery: {
    queue: string;
    position: number;
    started_at: number;
    body: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<NotificationsTables>();

/** Whose rules: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}
