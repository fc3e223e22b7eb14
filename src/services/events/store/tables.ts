import type { Db, Tx } from '../../../db/database.ts';

interface OfAccount {
  account_id: string;
  region: string;
}

interface NamedBody extends OfAccount {
  name: string;
  body: string;
}

export type EventsTables = {
  events_bus: NamedBody;
  events_rule: NamedBody & { bus: string; next_at: number | null };
  events_target: OfAccount & {
    bus: string;
    rule: string;
    target_id: string;
    arn: string;
    body: string;
  };
  /** Another one with each change of rules, targets and archives. */
  events_revision: OfAccount & { revision: string };
  /** Events that have been handed to the rules. */
  events_heard: { event_id: string; heard_at: number };
  events_delivery: { id: string; started_at: number; due_at: number; body: string };
  events_archive: NamedBody & { id: string; bus: string };
  events_archived: {
    archive_id: string;
    at: number;
    event_id: string;
    bytes: number;
    event: string;
  };
  events_replay: NamedBody;
  events_connection: NamedBody & { arn: string };
  events_api_destination: NamedBody & { arn: string };
};

export const tables = (db: Db | Tx) => db.withTables<EventsTables>();

/** Whose rules: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}
