import type { Db, Tx } from '../../../db/database.ts';

/** Whose resources: the leading part of every key. */
export interface Owner {
  accountId: string;
  region: string;
}

export interface ProjectRow {
  account_id: string;
  region: string;
  name: string;
  created_at: number;
  modified_at: number;
  /** InvalidateProjectCache makes it another. */
  cache_version: number;
  /** Number of the last build; numbers are never used again (CB-J12). */
  last_build_number: number;
  /** The same of its batches. */
  last_batch_number: number;
  /** JSON of the SDK's Project. */
  body: string;
  /** Its resource policy. */
  policy: string | null;
  badge_token: string | null;
  /** UpdateProjectVisibility's. */
  public_alias: string | null;
}

/** `queued`: waits for a slot; `running`: has one; `done`: over. */
export type Slot = 'queued' | 'running' | 'done';

export interface BuildRow {
  account_id: string;
  region: string;
  /** `project:uuid` */
  id: string;
  project_name: string;
  build_number: number;
  started_at: number;
  /** The branch or tag that it builds; empty where it does not say, null where that has not been noted. */
  source_version: string | null;
  slot: Slot;
  /** The fleet that it counts for, of any account; null of one that runs on demand. */
  fleet_arn: string | null;
  /** 1 once StopBuild was called. */
  stop_requested: number;
  /** The caller's idempotency token, or null, and the digest of the call that came with it. */
  token: string | null;
  token_digest: string | null;
  /** Bytes of the work's output that have been put into the log. */
  log_offset: number;
  /** Where the put that is under way ends; equals log_offset when none is. */
  log_sending: number;
  /** Bytes of the driver's reports that are in `body`. */
  report_offset: number;
  /** JSON of the SDK's Build. */
  body: string;
  /** JSON of BuildInputs: what the build was started with. */
  inputs: string;
  /** JSON of BuildRun: what was found out on the way. */
  run: string;
  /** Sealed JSON list of the texts that the log must not show. */
  secrets: string;
}

export interface BatchRow {
  account_id: string;
  region: string;
  /** `project:uuid` */
  id: string;
  project_name: string;
  batch_number: number;
  started_at: number;
  /** Of the batch: `IN_PROGRESS`, `SUCCEEDED` … */
  status: string;
  slot: 'running' | 'done';
  /** 1 once StopBuildBatch was called. */
  stop_requested: number;
  /** The caller's idempotency token, or null, and the digest of the call that came with it. */
  token: string | null;
  token_digest: string | null;
  /** JSON of the SDK's BuildBatch, but for its groups. */
  body: string;
  /** JSON of BatchInputs: what the batch was started with. */
  inputs: string;
  /** JSON of BatchRun: its builds, and what was found out on the way. */
  run: string;
}

export interface FleetRow {
  account_id: string;
  region: string;
  name: string;
  arn: string;
  created_at: number;
  modified_at: number;
  /** 1 once DeleteFleet was called while it had builds. */
  deleting: number;
  /** JSON of the SDK's Fleet. */
  body: string;
}

export interface SourceCredentialRow {
  account_id: string;
  region: string;
  server_type: string;
  /** JSON of StoredCredential. */
  body: string;
}

export interface WebhookRow {
  account_id: string;
  region: string;
  project_name: string;
  /** By which the part of its address is found that nobody can guess. */
  address_hash: string;
  /** JSON of WebhookRecord. */
  body: string;
}

/** A status of a commit that a forge has not been told yet. */
export interface CommitStatusRow {
  id: string;
  /** Another one each time that it is another status. */
  version: number;
  attempts: number;
  /** JSON of WantedStatus. */
  body: string;
}

export type Tables = {
  codebuild_source_credential: SourceCredentialRow;
  codebuild_webhook: WebhookRow;
  codebuild_commit_status: CommitStatusRow;
  codebuild_project: ProjectRow;
  codebuild_fleet: FleetRow;
  codebuild_build: BuildRow;
  codebuild_batch: BatchRow;
};

export const tables = (db: Db | Tx) => db.withTables<Tables>();
