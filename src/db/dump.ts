import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../lib/start-error.ts';
import type { Vault } from '../lib/vault.ts';
import { keyCheckMigration } from './key-check.ts';
import { migrate, type ServiceMigrations } from './migrate.ts';
import { type DatabaseOptions, openDatabase } from './open.ts';
import type { SqlClient } from './postgres.ts';

/** A table of ours, with its columns in the order in which a dump has their values. */
export interface DumpedTable {
  name: string;
  columns: string[];
}

/** What the database was at one moment, while it goes on. */
export interface Dump {
  /** Steps of the schema that it has behind it: `restoredSchema` makes the same tables of them. */
  steps: string[];
  tables: DumpedTable[];
  /** Its rows, a line of JSON each, sealed as they are; the first line is the columns. */
  lines(table: DumpedTable): AsyncIterable<string>;
  close(): Promise<void>;
}

/** The name in which migrations keep what they have done: a restored database writes its own. */
const STEPS = 'slipway_migration';

/** Rows that are asked of PostgreSQL at a time. */
const ROWS_AT_ONCE = 500;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** @throws StartError where there is no database of ours, or one that this version does not know */
export async function openDump(
  options: DatabaseOptions,
  schema: ServiceMigrations[],
): Promise<Dump> {
  return options.dialect === 'sqlite'
    ? dumpSqlite(options.file, schema)
    : dumpPostgres(options.url, schema);
}

async function dumpSqlite(file: string, schema: ServiceMigrations[]): Promise<Dump> {
  if (!existsSync(file))
    throw new StartError(`${file} is not there. A database elsewhere is named by --database.`);
  const database = new DatabaseSync(file, { timeout: 5_000, readOnly: true });
  try {
    // The first read says which moment it is; writers go on (WAL).
    database.exec('begin');
    const steps = database.prepare(`select name from ${STEPS}`).all() as { name: string }[];
    const names = steps.map(({ name }) => name);
    const { tables } = await schemaOf(names, schema);
    return {
      steps: names,
      tables,
      async *lines(table) {
        yield JSON.stringify(table.columns);
        const rows = database.prepare(selectOf(table));
        rows.setReturnArrays(true);
        for (const row of rows.iterate()) yield lineOf(row as unknown as unknown[]);
      },
      close: async () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function dumpPostgres(url: string, schema: ServiceMigrations[]): Promise<Dump> {
  const { connectSql } = await import('./postgres.ts');
  const client = await connectSql(url);
  try {
    await client.query('begin isolation level repeatable read read only');
    const names = (await client.query(`select name from ${STEPS}`)).map(([name]) => String(name));
    const { tables } = await schemaOf(names, schema);
    return {
      steps: names,
      tables,
      async *lines(table) {
        yield JSON.stringify(table.columns);
        await client.query(`declare dumped no scroll cursor for ${selectOf(table)}`);
        for (;;) {
          const rows = await client.query(`fetch ${ROWS_AT_ONCE} from dumped`);
          for (const row of rows) yield lineOf(row);
          if (rows.length < ROWS_AT_ONCE) break;
        }
        await client.query('close dumped');
      },
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

const listOf = (columns: string[]) => columns.map(quoted).join(', ');

const selectOf = ({ name, columns }: DumpedTable) =>
  `select ${listOf(columns)} from ${quoted(name)}`;

const lineOf = (row: unknown[]) =>
  JSON.stringify(
    row.map((value) =>
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
    ),
  );

/** @throws StartError where the line is no row of the table */
function rowOf(line: string, columns: number, name: string): unknown[] {
  const wrong = () => new StartError(`The backup has a row of ${name} that is none.`);
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    throw wrong();
  }
  if (!Array.isArray(row) || row.length !== columns) throw wrong();
  return row.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    if (typeof value?.base64 !== 'string') throw wrong();
    return Buffer.from(value.base64, 'base64');
  });
}

/** Only those steps of the schema that were done. @throws StartError for others */
function stepsOf(steps: readonly string[], schema: ServiceMigrations[]): ServiceMigrations[] {
  const done = new Set(steps);
  const known = new Set([`db/${keyCheckMigration.name}`]);
  const kept = schema.map(({ service, migrations }) => ({
    service,
    migrations: migrations.filter(({ name }) => {
      known.add(`${service}/${name}`);
      return done.has(`${service}/${name}`);
    }),
  }));
  const unknown = steps.filter((step) => !known.has(step));
  if (unknown.length > 0)
    throw new StartError(
      `The database is of a newer version of Slipway (${unknown.join(', ')}): take that version, or one after it.`,
    );
  return kept;
}

const noVault = (): Vault => {
  throw new Error('No step of a schema seals anything.');
};

/** What tables the steps make, those that others refer to first. A database of another's may have more. */
async function schemaOf(
  steps: readonly string[],
  schema: ServiceMigrations[],
): Promise<{ tables: DumpedTable[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-schema-'));
  const file = join(directory, 'schema.db');
  try {
    const empty = await openDatabase({ dialect: 'sqlite', file }, noVault);
    try {
      await migrate(empty, stepsOf(steps, schema));
    } finally {
      await empty.close();
    }
    const made = new DatabaseSync(file);
    try {
      return { tables: tablesOf(made) };
    } finally {
      made.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function tablesOf(database: DatabaseSync): DumpedTable[] {
  const listed = database.prepare("select name from sqlite_schema where type = 'table'").all();
  const names = listed
    .map(({ name }) => String(name))
    .filter((name) => !name.startsWith('sqlite_') && !name.startsWith(STEPS));
  const found = new Map<string, DumpedTable>();
  const add = (name: string) => {
    if (found.has(name) || !names.includes(name)) return;
    for (const { table } of database.prepare(`pragma foreign_key_list(${quoted(name)})`).all())
      if (table !== name) add(String(table));
    const columns = database.prepare(`pragma table_info(${quoted(name)})`).all();
    found.set(name, { name, columns: columns.map((column) => String(column.name)) });
  };
  for (const name of names.sort()) add(name);
  return [...found.values()];
}

/** An empty database that takes the rows of a dump, and has none of them before `commit`. */
export interface Restored {
  tables: DumpedTable[];
  /** @throws StartError where the lines are not of this table */
  load(table: DumpedTable, lines: AsyncIterable<string>): Promise<void>;
  /** One statement more, with `?` for its values. */
  run(statement: string, values: (string | number)[]): Promise<void>;
  commit(): Promise<void>;
  /** Nothing is left, unless it was committed. */
  close(): Promise<void>;
}

/**
 * Makes the tables of a dump in a database that has none.
 * @throws StartError where there is something in it
 */
export async function restoredSchema(
  options: DatabaseOptions,
  steps: readonly string[],
  schema: ServiceMigrations[],
): Promise<Restored> {
  const { tables } = await schemaOf(steps, schema);
  const client =
    options.dialect === 'sqlite'
      ? undefined
      : await (await import('./postgres.ts')).connectSql(options.url);
  try {
    if (client && (await client.query(`select to_regclass('${STEPS}')`))[0]?.[0] !== null)
      throw new StartError('The database is not empty: restore into a new one.');
    const database = await openDatabase(options, noVault);
    try {
      await migrate(database, stepsOf(steps, schema));
    } finally {
      await database.close();
    }
  } catch (error) {
    await client?.end();
    throw error;
  }
  const writer = client
    ? postgresWriter(client)
    : sqliteWriter(options as DatabaseOptions & { dialect: 'sqlite' });
  await writer.run('begin', []);
  // Steps of the schema may have put rows into its tables.
  for (const { name } of tables.toReversed()) await writer.run(`delete from ${quoted(name)}`, []);
  return {
    ...writer,
    tables,
    async load(table, lines) {
      const { name, columns } = table;
      let rows: unknown[][] = [];
      let first = true;
      for await (const line of lines) {
        if (first) {
          if (line !== JSON.stringify(columns))
            throw new StartError(`The backup has other columns of ${name} than its version had.`);
          first = false;
          continue;
        }
        rows.push(rowOf(line, columns.length, name));
        if (rows.length < ROWS_AT_ONCE) continue;
        await writer.insert(table, rows);
        rows = [];
      }
      if (rows.length > 0) await writer.insert(table, rows);
    },
    commit: () => writer.commit(),
  };
}

interface Writer extends Pick<Restored, 'run' | 'commit' | 'close'> {
  insert(table: DumpedTable, rows: unknown[][]): Promise<void>;
}

function sqliteWriter({ file }: { file: string }): Writer {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  return {
    async run(statement, values) {
      database.prepare(statement).run(...values);
    },
    async insert({ name, columns }, rows) {
      const places = columns.map(() => '?').join(', ');
      const insert = database.prepare(
        `insert into ${quoted(name)} (${listOf(columns)}) values (${places})`,
      );
      for (const row of rows) insert.run(...(row as string[]));
    },
    async commit() {
      const [dangling] = database.prepare('pragma foreign_key_check').all();
      if (dangling)
        throw new StartError(
          `The backup has rows of ${dangling.table} without what they belong to.`,
        );
      database.exec('commit');
      database.exec('pragma wal_checkpoint(truncate)');
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}

/** Values of one statement in PostgreSQL's protocol. */
const MOST_VALUES = 60_000;

function postgresWriter(client: SqlClient): Writer {
  let ended: Promise<void> | undefined;
  return {
    async run(statement, values) {
      let place = 0;
      await client.query(
        statement.replaceAll('?', () => `$${++place}`),
        values,
      );
    },
    async insert({ name, columns }, rows) {
      const most = Math.max(1, Math.floor(MOST_VALUES / columns.length));
      for (let at = 0; at < rows.length; at += most) {
        let place = 0;
        const some = rows.slice(at, at + most);
        const places = some.map((row) => `(${row.map(() => `$${++place}`).join(', ')})`);
        await client.query(
          `insert into ${quoted(name)} (${listOf(columns)}) values ${places.join(', ')}`,
          some.flat(),
        );
      }
    },
    async commit() {
      await client.query('commit');
    },
    async close() {
      ended ??= client.end();
      await ended;
    },
  };
}
