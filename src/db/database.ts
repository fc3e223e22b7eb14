import type { Kysely } from 'kysely';
import type { Pool } from 'pg';

/** A connection pool. Services narrow it to their tables with `db.withTables<CodeBuildTables>()` (a `type`, not an `interface`). */
export type Db = Kysely<object>;
/** A running transaction, or a plain connection for reads. */
export type Tx = Kysely<object>;

export type Dialect = 'sqlite' | 'postgres';

export interface Database {
  dialect: Dialect;
  /** For reads outside a transaction; it cannot write (SQLite refuses), and inside a transaction it throws. */
  db: Db;
  /**
   * Runs `work` in a serializable transaction. It may run more than once (PostgreSQL serialization
   * conflicts are retried), so it must have no effect but its SQL. On SQLite writers queue up, so keep
   * it short: no network, no git, no files. A statement that fails ends it (as PostgreSQL does): use
   * `onConflict`, or catch outside.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Resolves when all that has been committed so far survives a power cut too, many callers with one sync of the
   * disk. PostgreSQL sees to that at each commit.
   */
  synced(): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /**
   * Default `serializable`. `read committed` is for queues (the engine's, SQS's), whose statements each stand alone or
   * take the rows that they work on by locks. SQLite knows no other than the first.
   */
  isolation?: 'serializable' | 'read committed';
}

/** A database as `openDatabase` gives it to main: with what only the engine and the migrations need. */
export interface OpenDatabase extends Database {
  /** Writes outside `transaction`: migrations only. */
  writer: Db;
  /** PostgreSQL only. */
  pool?: Pool;
  /**
   * SQLite only: gives some of what the file no longer needs back to the disk, and makes the log's room usable again.
   * Succeeds also where there is no room to do it.
   */
  shrink?(): Promise<void>;
}

/**
 * One step of a service's schema. Runs once, in order of name within its service, in a transaction.
 * Columns: `text`, `integer` (also booleans, 0 or 1), `bigint` (epoch milliseconds, read as number), JSON as `text`.
 */
export interface Migration {
  /** `0001-projects` */
  name: string;
  up(tx: Tx): Promise<void>;
}
