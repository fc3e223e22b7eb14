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
  /** Number of the last build; numbers are never used again (CB-J12). */
  last_build_number: number;
  /** JSON of the SDK's Project. */
  body: string;
  /** Its resource policy. */
  policy: string | null;
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
  slot: Slot;
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

export type Tables = { codebuild_project: ProjectRow; codebuild_build: BuildRow };

export const tables = (db: Db | Tx) => db.withTables<Tables>();
