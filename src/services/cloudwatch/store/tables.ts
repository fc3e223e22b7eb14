import type { Db, Tx } from '../../../db/database.ts';

export type Tables = {
  cloudwatch_metric: {
    account_id: string;
    region: string;
    /** `metricId` of what it is called. */
    id: string;
    namespace: string;
    name: string;
    /** JSON of Dimension[], in order of their names. */
    dimensions: string;
    /** When data of it were last put, give or take a few minutes; epoch milliseconds. */
    active_at: number;
  };
  /** Entries of one metric. */
  cloudwatch_chunk: {
    metric_id: string;
    /** Of its entries, epoch milliseconds. */
    first_at: number;
    last_at: number;
    id: string;
    /** Of its entries, milliseconds. */
    resolution: number;
    /** 1 as it was put, 0 once it is the one row of its window. */
    fresh: number;
    /** What `packEntries` made of them. */
    data: string;
  };
  /** Calls of services that are not counted again. */
  cloudwatch_counted: { account_id: string; region: string; id: string; counted_at: number };
  cloudwatch_alarm: {
    account_id: string;
    region: string;
    name: string;
    /** `MetricAlarm` or `CompositeAlarm`. */
    kind: string;
    state: string;
    /** How often it is evaluated, milliseconds; 0 where other alarms' states say when. */
    every_ms: number;
    /** Another one with each change. */
    revision: string;
    /** JSON of Alarm. */
    body: string;
  };
  /** The last evaluation of all alarms of a kind: the number of its turn since 1970. */
  cloudwatch_tick: { every_ms: number; number: number };
  cloudwatch_history: {
    account_id: string;
    region: string;
    at: number;
    id: string;
    alarm_name: string;
    alarm_type: string;
    item_type: string;
    /** JSON of HistoryWords. */
    body: string;
  };
  cloudwatch_action: { id: string; created_at: number; body: string };
  cloudwatch_dashboard: {
    account_id: string;
    name: string;
    modified_at: number;
    /** Bytes. */
    size: number;
    /** As it was put. */
    body: string;
    /** JSON of tags. */
    tags: string;
  };
  cloudwatch_mute_rule: { account_id: string; region: string; name: string; body: string };
};

export const tables = (db: Db | Tx) => db.withTables<Tables>();

/** Whose resources. */
export interface Owner {
  accountId: string;
  region: string;
}

export const owned = ({ accountId: account_id, region }: Owner) => ({ account_id, region });
