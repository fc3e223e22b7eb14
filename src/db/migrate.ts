import type { Kysely, Migration as KyselyMigration } from 'kysely';
import { StartError } from '../lib/start-error.ts';
import type { Migration, OpenDatabase } from './database.ts';
import { keyCheckMigration } from './key-check.ts';
import { Migrator } from './kysely.ts';

/** The steps of one service's schema. */
export interface ServiceMigrations {
  service: string;
  migrations: Migration[];
}

const TABLE = 'slipway_migration';

/** Any number that no other program on the same PostgreSQL server takes for its own advisory lock. */
const LOCK = 5_117_943_271;

/**
 * Brings the schema up to date: runs, in one transaction, what has not run yet. Servers that start at the
 * same time on one PostgreSQL take turns.
 * @throws StartError when steps were done that this version does not know: the database is a newer one's
 * @throws Error of the step that failed; nothing has changed then.
 */
export async function migrate(
  database: OpenDatabase,
  services: ServiceMigrations[],
): Promise<void> {
  const steps: Record<string, KyselyMigration> = {};
  const own = { service: 'db', migrations: [keyCheckMigration] };
  for (const { service, migrations } of [own, ...services]) {
    for (const migration of migrations) {
      steps[`${service}/${migration.name}`] = { up: (tx: Kysely<object>) => migration.up(tx) };
    }
  }
  const migrator = new Migrator({
    db: database.writer,
    provider: { getMigrations: async () => steps },
    migrationTableName: TABLE,
    migrationLockTableName: 'slipway_migration_lock',
    // A service that is added later comes before others by name.
    allowUnorderedMigrations: true,
  });
  await alone(database, async () => {
    // Nearly always nothing: Kysely would look at each table of the database.
    if ((await missingSteps(database, steps)).length === 0) return;
    const { error, results } = await migrator.migrateToLatest();
    if (error === undefined) return;
    const failed = results?.find((result) => result.status === 'Error');
    throw new Error(
      `Migration ${failed?.migrationName ?? ''} failed: ${(error as Error).message ?? error}`,
      {
        cause: error,
      },
    );
  });
}

/** Runs `work` while no other server migrates. Kysely's own lock comes after it has made its tables, which two must not do at once. */
export async function alone(database: OpenDatabase, work: () => Promise<void>): Promise<void> {
  if (!database.pool) return work();
  const client = await database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => {});
    client.release();
  }
}

/** The steps that a database has behind it; undefined for one that has no schema yet. */
export async function executedSteps(database: OpenDatabase): Promise<string[] | undefined> {
  const rows = await database.writer
    .withTables<{ [TABLE]: { name: string } }>()
    .selectFrom(TABLE)
    .select('name')
    .execute()
    .catch((error) => {
      if (isMissingTable(error)) return undefined;
      throw error;
    });
  return rows?.map(({ name }) => name);
}

function isMissingTable(error: { code?: string; message: string }): boolean {
  return error.code === '42P01' || /^no such table/.test(error.message);
}

/** @throws StartError when others were done that this version does not know */
async function missingSteps(
  database: OpenDatabase,
  steps: Record<string, KyselyMigration>,
): Promise<string[]> {
  const executed = (await executedSteps(database)) ?? [];
  const unknown = executed.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length === 0) return Object.keys(steps).filter((name) => !executed.includes(name));
  throw new StartError(
    `The database is of a newer version of Slipway (${unknown.join(', ')}): start that version, or one after it.`,
  );
}
