import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, it } from 'vitest';
import { makeVault } from '../lib/vault.ts';
import type { Dialect, OpenDatabase } from './database.ts';
import { migrate, type ServiceMigrations } from './migrate.ts';
import { type DatabaseOptions, openDatabase } from './open.ts';

/**
 * A fresh, empty database with the schema of `services`; closed and dropped when the test ends (or the
 * suite, when it was made in `beforeAll`).
 */
export type MakeDatabase = (...services: ServiceMigrations[]) => Promise<OpenDatabase>;

/** The key of all databases of tests: other processes open them too. */
const vault = makeVault(Buffer.alloc(32, 'test'));
export const testVault = () => vault;

interface Scratch {
  options: DatabaseOptions;
  drop(): Promise<void>;
}

const NO_POSTGRES =
  'SLIPWAY_TEST_POSTGRES is not set: it names a PostgreSQL server, postgres://user@host:port/postgres';

type DatabaseSuite = (
  makeDatabase: MakeDatabase,
  dialect: Dialect,
  reopen: () => Promise<OpenDatabase>,
  place: () => DatabaseOptions,
) => void;

/**
 * Runs a test suite on each dialect: SQLite always, PostgreSQL where SLIPWAY_TEST_POSTGRES names a server.
 * `makeDatabase` makes databases; `reopen` opens the last one once more, as another server would (PostgreSQL)
 * or after a restart (SQLite: close the first before); `place` is where it is, for other processes.
 */
export function eachDialect(name: string, suite: DatabaseSuite): void {
  describe(`${name} (SQLite)`, () => suiteOn('sqlite', sqliteScratch, suite));
  const server = process.env.SLIPWAY_TEST_POSTGRES;
  if (server) {
    describe(`${name} (PostgreSQL)`, () =>
      suiteOn('postgres', () => postgresScratch(server), suite));
  } else {
    if (process.env.SLIPWAY_TEST_ALL) throw new Error(NO_POSTGRES);
    describe(`${name} (PostgreSQL)`, () => it.skip(`skipped: ${NO_POSTGRES}`, () => {}));
  }
}

function suiteOn(
  dialect: Dialect,
  makeScratch: () => Promise<Scratch>,
  suite: DatabaseSuite,
): void {
  const ofSuite: (() => Promise<void>)[] = [];
  const ofTest: (() => Promise<void>)[] = [];
  let last: Scratch | undefined;
  let inTest = false;

  async function open(scratch: Scratch): Promise<OpenDatabase> {
    const database = await openDatabase(scratch.options, testVault);
    (inTest ? ofTest : ofSuite).push(() => database.close());
    return database;
  }

  function current(): Scratch {
    if (!last) throw new Error('makeDatabase() comes first.');
    return last;
  }

  beforeEach(() => {
    inTest = true;
  });
  afterEach(async () => {
    inTest = false;
    for (const clean of ofTest.splice(0).reverse()) await clean();
  });
  afterAll(async () => {
    for (const clean of ofSuite.splice(0).reverse()) await clean();
  });
  suite(
    async (...services) => {
      const scratch = await makeScratch();
      last = scratch;
      (inTest ? ofTest : ofSuite).push(() => scratch.drop());
      const database = await open(scratch);
      if (services.length > 0) await migrate(database, services);
      return database;
    },
    dialect,
    () => open(current()),
    () => current().options,
  );
}

async function sqliteScratch(): Promise<Scratch> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-db-'));
  return {
    options: { dialect: 'sqlite', file: join(directory, 'test.db') },
    drop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function postgresScratch(server: string): Promise<Scratch> {
  const name = `slipway_test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    options: { dialect: 'postgres', url: url.href },
    drop: () => onServer(server, `drop database ${name} with (force)`),
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
