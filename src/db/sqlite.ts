import { closeSync, fdatasync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  KyselyPlugin,
  QueryResult,
} from 'kysely';
import { makePrivate, privateFile } from '../lib/files.ts';
import { grouped } from '../lib/grouped.ts';
import { StartError } from '../lib/start-error.ts';
import { isStorageFull } from '../lib/storage-full.ts';
import type { OpenDatabase, Tx } from './database.ts';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from './kysely.ts';
import { insideTransaction, noteFailure, runScoped } from './scope.ts';

/** What `shrink` moves at a time, in pages of 4 KiB: the log takes as much. */
const SHRINK_PAGES = 256;
/** Other writers wait for no more than that. */
const SHRINK_ROUNDS = 16;
/** Statements kept prepared on each connection; the text of a query with a list varies with its length. */
const PREPARED_STATEMENTS = 2_000;

interface Prepared {
  statement: StatementSync;
  /** Names of the columns that it returns; none when it returns no rows. */
  columns: string[];
}

/** One SQLite connection. It is synchronous: a statement is done when executeQuery returns. */
class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { statement, columns } = this.#prepare(query.sql);
      const parameters = query.parameters as SQLInputValue[];
      if (columns.length > 0) {
        const rows = statement.all(...parameters) as unknown as unknown[][];
        return { rows: rows.map((values) => rowOf(columns, values) as R) };
      }
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      noteFailure();
      throw error;
    }
  }

  // biome-ignore lint/correctness/useYield: it refuses
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('Streaming a query is not supported: read pages.');
  }

  #prepare(sql: string): Prepared {
    let found = this.#prepared.get(sql);
    if (!found) {
      const statement = this.#database.prepare(sql);
      found = { statement, columns: statement.columns().map(({ name }) => name) };
      statement.setReturnArrays(true);
      const oldest = this.#prepared.keys().next();
      if (this.#prepared.size >= PREPARED_STATEMENTS && !oldest.done)
        this.#prepared.delete(oldest.value);
      this.#prepared.set(sql, found);
    }
    return found;
  }
}

/** A plain object, as pg gives it; node:sqlite's own rows have no prototype, and to copy one takes as long as to read it. */
function rowOf(columns: string[], values: unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i += 1) row[columns[i] as string] = values[i];
  return row;
}

/** The one connection that writes: its users queue up, first come first served. */
class WriterDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy = true;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy = false;
  }

  async beginTransaction(): Promise<void> {
    this.#database.exec('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // Some errors (a full disk) have rolled it back already.
    if (this.#database.isTransaction) this.#database.exec('rollback');
  }

  async destroy(): Promise<void> {
    if (this.#busy) await this.acquireConnection();
    this.#database.close();
  }
}

/** The connection for reads: it sees what is committed, and never waits for the writer (WAL). */
class ReaderDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    assertOutsideTransaction();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(): Promise<void> {
    throw new Error('Write through transaction(), not through db.');
  }

  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

/** @throws Error inside a transaction, where such a read would see another state than the transaction. */
export function assertOutsideTransaction(): void {
  if (insideTransaction())
    throw new Error('Inside a transaction, read through its tx, not through db.');
}

class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function dialect(driver: Driver): Dialect {
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * Claims the file for this process. The operating system frees the claim when the process ends, however
 * it ends, so a restart after kill -9 is not held up; a second server on the same data is.
 */
function claim(file: string): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 1_000 });
  try {
    lock.exec('pragma journal_mode = delete; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StartError(`${file} is in use by another server.`);
  }
}

/** SQLITE_BUSY: another process has the lock. */
function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === 5;
}

/** SQLite gives its log and its index the mode of the database: none of them is anybody else's to read. */
function makeFilesPrivate(file: string): void {
  for (const path of [file, `${file}.lock`]) privateFile(path);
  for (const path of [`${file}-wal`, `${file}-shm`]) makePrivate(path);
}

/** Opens a database for reading alone, also while another process owns it. */
export function openReader(
  file: string,
  plugins: KyselyPlugin[] = [],
): Pick<OpenDatabase, 'db' | 'close'> {
  const reading = new DatabaseSync(file, { timeout: 5_000, readOnly: true });
  const db = new Kysely<object>({ dialect: dialect(new ReaderDriver(reading)), plugins });
  return {
    db,
    async close() {
      await db.destroy();
      // Kysely leaves a driver alone that was never used.
      if (reading.isOpen) reading.close();
    },
  };
}

/** SQLite's log, which it appends commits to and leaves to the system to write: here one waits for the disk. */
function syncedLog(path: string) {
  let file: number | undefined;
  return {
    synced: grouped(async () => {
      file ??= openSync(path, 'r');
      await promisify(fdatasync)(file);
    }),
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

/** Not truncating the log: its room is the database's own, which nobody else can fill. */
function shrink(database: DatabaseSync): void {
  const free = database.prepare('pragma freelist_count');
  try {
    for (let round = 0; round < SHRINK_ROUNDS; round += 1) {
      database.exec('pragma wal_checkpoint(passive)');
      if (free.get()?.freelist_count === 0) return;
      database.exec(`pragma incremental_vacuum(${SHRINK_PAGES})`);
    }
    database.exec('pragma wal_checkpoint(passive)');
  } catch (error) {
    if (!isStorageFull(error)) throw error;
  }
}

/**
 * Opens (and makes) the database in `file`; its directory must exist.
 * @throws Error when another process has it open.
 */
export function openSqlite(file: string, plugins: KyselyPlugin[]): OpenDatabase {
  makeFilesPrivate(file);
  const lock = claim(file);
  const writing = new DatabaseSync(file, { timeout: 5_000, enableForeignKeyConstraints: true });
  // NORMAL in WAL mode: a committed transaction survives the death of the process, as it must; a power cut
  // may take the last ones that nobody waited for (`synced`), and never leaves the file broken.
  // The log is carried over into the file when it has 16 MB, which calls wait for: seldom, and then pages that were
  // written many times are carried once.
  // That pages can be given back to the disk is a property of a database from its first table on.
  writing.exec(
    'pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000; pragma wal_autocheckpoint = 4000',
  );
  const reader = openReader(file, plugins);
  const writer = new Kysely<object>({ dialect: dialect(new WriterDriver(writing)), plugins });
  const log = syncedLog(`${file}-wal`);
  return {
    dialect: 'sqlite',
    db: reader.db,
    writer,
    async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      if (insideTransaction())
        throw new Error('A transaction inside a transaction: pass the tx on.');
      return runScoped(work, (scoped) => writer.transaction().execute(scoped));
    },
    synced: log.synced,
    shrink: () => writer.connection().execute(async () => shrink(writing)),
    async close() {
      await reader.close();
      log.close();
      await writer.destroy();
      // Kysely leaves a driver alone that was never used.
      for (const connection of [writing, lock]) if (connection.isOpen) connection.close();
    },
  };
}
