import { afterAll, afterEach, beforeEach, describe, it } from 'vitest';
import {
  postgresScratches,
  type Scratch,
  type ScratchDatabases,
  sqliteScratches,
  testVault,
} from '../testing/scratch-databases.ts';
import type { Dialect, OpenDatabase } from './database.ts';
import type { ServiceMigrations } from './migrate.ts';
import { type DatabaseOptions, openDatabase } from './open.ts';

export { testVault };

/**
 * A fresh, empty database with the schema of `services`; closed and dropped when the test ends (or the
 * suite, when it was made in `beforeAll`).
 */
export type MakeDatabase = (...services: ServiceMigrations[]) => Promise<OpenDatabase>;

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
  embedded(`${name} (SQLite)`, suite);
  const server = process.env.SLIPWAY_TEST_POSTGRES;
  if (server) {
    describe(`${name} (PostgreSQL)`, () => suiteOn('postgres', postgresScratches(server), suite));
  } else {
    if (process.env.SLIPWAY_TEST_ALL) throw new Error(NO_POSTGRES);
    describe(`${name} (PostgreSQL)`, () => it.skip(`skipped: ${NO_POSTGRES}`, () => {}));
  }
}

/** On SQLite alone: for what programs do, such as builds, clones and hooks, where the stores have tests of their own. */
export function embedded(name: string, suite: DatabaseSuite): void {
  describe(name, () => suiteOn('sqlite', sqliteScratches(), suite));
}

function suiteOn(dialect: Dialect, scratches: ScratchDatabases, suite: DatabaseSuite): void {
  const ofSuite: (() => Promise<void>)[] = [];
  const ofTest: (() => Promise<void>)[] = [];
  let last: Scratch | undefined;
  /** What other processes may have opened. */
  const shared = new Set<Scratch>();
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
    await scratches.clean();
  });
  suite(
    async (...services) => {
      const scratch = await scratches.get(services);
      last = scratch;
      (inTest ? ofTest : ofSuite).push(() => scratch.drop(shared.has(scratch)));
      return open(scratch);
    },
    dialect,
    () => open(current()),
    () => {
      shared.add(current());
      return current().options;
    },
  );
}
