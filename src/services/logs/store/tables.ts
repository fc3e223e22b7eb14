import type { Db, Tx } from '../../../db/database.ts';

export interface GroupRow {
  account_id: string;
  region: string;
  name: string;
  /** Random; a group of the same name made later is another group. */
  id: string;
  created_at: number;
  retention_days: number | null;
  class: string;
  /** 1: DeleteLogGroup is refused. */
  protected: number;
  tags: string;
  /** Sealed by the vault; made when the first event is put. */
  data_key: string | null;
  /** Metric filters that it has. */
  filters: number;
  /** Subscription filters that it has. */
  subscriptions: number;
}

export interface StreamRow {
  account_id: string;
  region: string;
  group_name: string;
  name: string;
  /** 16 digits: part of event ids. */
  id: string;
  created_at: number;
  first_event_at: number | null;
  last_event_at: number | null;
  last_ingestion_at: number | null;
  next_seq: number;
  /** The highest `slipway-offset` that was put; -1 before the first. */
  last_offset: number;
  stored_bytes: number;
}

export interface ChunkRow {
  /** Stream id and first sequence number: `chunkId`. */
  id: string;
  group_id: string;
  stream_id: string;
  first_seq: number;
  last_seq: number;
  min_at: number;
  max_at: number;
  ingested_at: number;
  bytes: number;
  /** Its events in order of time, compressed and encrypted: sealing.ts. */
  sealed: Uint8Array;
}

export interface PolicyRow {
  account_id: string;
  region: string;
  /** Empty for a policy of the account. */
  group_name: string;
  name: string;
  revision: string;
  updated_at: number;
  /** JSON. */
  policy: string;
}

export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout';

export interface QueryRow {
  id: string;
  account_id: string;
  region: string;
  status: QueryStatus;
  created_at: number;
  ended_at: number | null;
  /** JSON. */
  statistics: string;
  /** Of results. */
  lines: number;
  /** JSON: `QueryRequest`. */
  body: string;
}

export interface QueryPageRow {
  query_id: string;
  page: number;
  /** JSON: lines of results. */
  body: string;
}

export interface QueryDefinitionRow {
  account_id: string;
  region: string;
  id: string;
  name: string;
  modified_at: number;
  /** JSON: what PutQueryDefinition gave. */
  body: string;
}

export interface MetricFilterRow {
  account_id: string;
  region: string;
  group_name: string;
  name: string;
  group_id: string;
  created_at: number;
  /** JSON: `MetricFilterBody`. */
  body: string;
  /** JSON: minutes that a default value may be due for, by epoch minute, and whether something matched in them. */
  minutes: string;
}

/** A chunk that metric filters have not looked at. */
export interface BacklogRow {
  group_id: string;
  chunk_id: string;
  added_at: number;
}

export interface SubscriptionRow {
  /** Random; one that is made later with the same name is another one, unless it replaces it. */
  id: string;
  account_id: string;
  region: string;
  group_name: string;
  name: string;
  group_id: string;
  created_at: number;
  /** Deliveries that failed in a row. */
  attempts: number;
  /** Before this nothing is delivered; epoch milliseconds. */
  retry_at: number;
  /** What has been put before this is not delivered: the destination has refused. */
  skip_until: number;
  /** JSON: `SubscriptionBody`. */
  body: string;
}

/** A chunk that a subscription has not delivered. */
export interface SubscriptionBacklogRow {
  subscription_id: string;
  added_at: number;
  chunk_id: string;
}

export interface DestinationRow {
  account_id: string;
  region: string;
  name: string;
  created_at: number;
  tags: string;
  /** JSON: `DestinationBody`. */
  body: string;
}

export type ExportStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

export interface ExportRow {
  id: string;
  account_id: string;
  region: string;
  status: ExportStatus;
  created_at: number;
  ended_at: number | null;
  /** JSON: `ExportRequest`. */
  body: string;
}

export type LogsTables = {
  logs_export: ExportRow;
  logs_metric_filter: MetricFilterRow;
  logs_backlog: BacklogRow;
  logs_subscription: SubscriptionRow;
  logs_subscription_backlog: SubscriptionBacklogRow;
  logs_destination: DestinationRow;
  logs_query: QueryRow;
  logs_query_page: QueryPageRow;
  logs_query_definition: QueryDefinitionRow;
  logs_group: GroupRow;
  logs_stream: StreamRow;
  logs_chunk: ChunkRow;
  logs_resource_policy: PolicyRow;
};

/** The tables of this service on a connection or transaction. */
export const tables = (db: Db | Tx) => db.withTables<LogsTables>();

/** Whose groups: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}
