import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, type ServiceMigrations } from '../db/migrate.ts';
import { onServer } from '../db/on-server.ts';
import { type DatabaseOptions, openDatabase } from '../db/open.ts';
import { makeVault } from '../lib/vault.ts';

/** The key of all databases of tests: other processes open them too. */
const vault = makeVault(Buffer.alloc(32, 'test'));
export const testVault = () => vault;

/** A database of one test, with its schema and nothing in it. */
export interface Scratch {
  options: DatabaseOptions;
  /** @param shared another process may have it open still: nobody gets it after that */
  drop(shared: boolean): Promise<void>;
}

/** Where the tests of a suite get theirs. Making a schema takes longer than most tests: it is made once. */
export interface ScratchDatabases {
  get(services: ServiceMigrations[]): Promise<Scratch>;
  clean(): Promise<void>;
}

const schemaOf = (services: ServiceMigrations[]) =>
  JSON.stringify(
    services.map(({ service, migrations }) => [service, ...migrations.map((m) => m.name)]),
  );

async function makeSchema(options: DatabaseOptions, services: ServiceMigrations[]): Promise<void> {
  const database = await openDatabase(options, testVault);
  try {
    await migrate(database, services);
  } finally {
    await database.close();
  }
}

/** Files, which begin as copies of the first with their schema. */
export function sqliteScratches(): ScratchDatabases {
  const made = new Map<string, Buffer>();
  return {
    async get(services) {
      const directory = mkdtempSync(join(tmpdir(), 'slipway-db-'));
      const file = join(directory, 'test.db');
      const options = { dialect: 'sqlite' as const, file };
      const schema = schemaOf(services);
      const before = made.get(schema);
      if (before) writeFileSync(file, before);
      else if (services.length > 0) {
        await makeSchema(options, services);
        // It is all in the one file, unless something of it was left in the log.
        if (!existsSync(`${file}-wal`)) made.set(schema, readFileSync(file));
      }
      return { options, drop: async () => rmSync(directory, { recursive: true, force: true }) };
    },
    clean: async () => made.clear(),
  };
}

/** Databases of a server, which go from test to test: what the one wrote is taken out before the other gets it. */
export function postgresScratches(server: string): ScratchDatabases {
  const free = new Map<string, string[]>();
  /** By name. */
  const pristine = new Map<string, Pristine>();
  const urlOf = (name: string) => {
    const url = new URL(server);
    url.pathname = `/${name}`;
    return url.href;
  };
  /** One connection to each, since making one takes as long as many statements. */
  const clients = new Map<string, pg.Client>();
  const clientOf = async (name: string) => {
    const known = clients.get(name);
    if (known) return known;
    const client = new pg.Client({ connectionString: urlOf(name) });
    // Tests end connections, and servers.
    client.on('error', () => clients.delete(name));
    await client.connect();
    clients.set(name, client);
    return client;
  };
  const drop = async (name: string) => {
    await clients
      .get(name)
      ?.end()
      .catch(() => {});
    clients.delete(name);
    await onServer(server, `drop database if exists ${name} with (force)`);
  };
  return {
    async get(services) {
      const schema = schemaOf(services);
      let name = free.get(schema)?.pop();
      if (name === undefined) {
        name = `slipway_test_${randomBytes(8).toString('hex')}`;
        await onServer(server, `create database ${name}`);
        if (services.length > 0) {
          await makeSchema({ dialect: 'postgres', url: urlOf(name) }, services);
          pristine.set(name, await look(await clientOf(name)));
        }
      }
      const url = urlOf(name);
      return {
        options: { dialect: 'postgres', url },
        async drop(shared) {
          const before = pristine.get(name);
          const again = before && !shared && (await empty(await clientOf(name), before));
          if (!again) return drop(name);
          free.set(schema, [...(free.get(schema) ?? []), name]);
        },
      };
    },
    async clean() {
      for (const names of free.values()) for (const name of names) await drop(name);
      free.clear();
    },
  };
}

/** A database as its migrations left it. */
interface Pristine {
  /** Of all that DDL makes. */
  ddl: string;
  /** The rows that migrations wrote, by table, as JSON. */
  rows: Map<string, string>;
}

const DDL = `select md5(string_agg(line, ',' order by line)) as ddl from (
  select 'r' || oid || relname from pg_class where oid >= 16384 and relkind in ('r', 'i', 'S', 'v')
  union all select 'a' || attrelid || attname || atttypid || attnotnull || atthasdef from pg_attribute where attrelid >= 16384
  union all select 'c' || oid || conname from pg_constraint where oid >= 16384
  union all select 't' || oid || tgname || tgenabled::text from pg_trigger where oid >= 16384
  union all select 'f' || oid || proname from pg_proc where oid >= 16384
) as all_of_it (line)`;

const TABLES = `select relname as name from pg_class where oid >= 16384 and relkind = 'r' and relnamespace = 'public'::regnamespace`;

/** The tables that have rows. */
async function filled(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(TABLES);
  const asked = rows.map(
    ({ name }) => `select '${name}' as name where exists (select 1 from "${name}")`,
  );
  if (asked.length === 0) return [];
  return (await client.query<{ name: string }>(asked.join(' union all '))).rows.map((r) => r.name);
}

async function ddlOf(client: pg.Client): Promise<string> {
  return (await client.query<{ ddl: string }>(DDL)).rows[0]?.ddl ?? '';
}

async function rowsOf(client: pg.Client, table: string): Promise<string> {
  const text = `select json_agg(t)::text as all from "${table}" t`;
  return (await client.query<{ all: string }>(text)).rows[0]?.all ?? '';
}

async function look(client: pg.Client): Promise<Pristine> {
  const rows = new Map<string, string>();
  for (const table of await filled(client)) rows.set(table, await rowsOf(client, table));
  return { ddl: await ddlOf(client), rows };
}

/** @returns false when it cannot be made as it was */
async function empty(client: pg.Client, { ddl, rows }: Pristine): Promise<boolean> {
  if ((await ddlOf(client)) !== ddl) return false;
  // Without foreign keys, so in any order.
  const restored = ['set session_replication_role = replica'];
  for (const table of new Set([...rows.keys(), ...(await filled(client))])) {
    const before = rows.get(table);
    if (before !== undefined && (await rowsOf(client, table)) === before) continue;
    // Not `truncate`, which makes new files.
    restored.push(`delete from "${table}"`);
    if (before === undefined) continue;
    const records = `json_populate_recordset(null::"${table}", ${pg.escapeLiteral(before)}::json)`;
    restored.push(`insert into "${table}" overriding system value select * from ${records}`);
  }
  const { rows: used } = await client.query<{ name: string }>(
    'select sequencename as name from pg_sequences where last_value is not null',
  );
  for (const { name } of used) restored.push(`alter sequence "${name}" restart`);
  return client.query(restored.join(';')).then(
    () => true,
    (error) => {
      // Whoever may make databases may not turn foreign keys off, unless it is the superuser.
      if (error.code === '42501') return false;
      throw error;
    },
  );
}
