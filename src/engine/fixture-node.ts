// A server of nothing but an engine, for crash.test.ts to kill: counts each key of test_counter up to its goal.
import { pino } from 'pino';
import type { Migration, OpenDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { type DatabaseOptions, openDatabase } from '../db/open.ts';
import { systemClock } from '../lib/clock.ts';
import { makeVault } from '../lib/vault.ts';
import { defineReconciler } from './engine.ts';
import { makeEngine } from './make-engine.ts';
import { engineMigrations } from './migrations.ts';

export type CounterTables = {
  test_counter: { key: string; value: number; goal: number };
  test_step: { key: string; value: number; node: string };
};

const counters: Migration = {
  name: '0001-counters',
  async up(tx) {
    await tx.schema
      .createTable('test_counter')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('value', 'integer', (c) => c.notNull())
      .addColumn('goal', 'integer', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('test_step')
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'integer', (c) => c.notNull())
      .addColumn('node', 'text', (c) => c.notNull())
      .execute();
  },
};

export const counterSchema = [
  { service: 'engine', migrations: engineMigrations },
  { service: 'test', migrations: [counters] },
];

/** Adds one to the counter, and a line that says so, until the goal is reached. */
function counter(database: OpenDatabase, node: string) {
  return defineReconciler<undefined>({
    name: 'test/counter',
    reconcile: (_, key) =>
      database.transaction(async (tx) => {
        const db = tx.withTables<CounterTables>();
        const row = await db
          .selectFrom('test_counter')
          .selectAll()
          .where('key', '=', key)
          .executeTakeFirst();
        if (!row || row.value >= row.goal) return undefined;
        const value = row.value + 1;
        await db.updateTable('test_counter').set({ value }).where('key', '=', key).execute();
        await db.insertInto('test_step').values({ key, value, node }).execute();
        return value === row.goal ? undefined : 'now';
      }),
  });
}

/** Starts to count. */
async function startCounting(options: DatabaseOptions, nodeId: string): Promise<void> {
  const database = await openDatabase(options, () => makeVault(Buffer.alloc(32, 'test')));
  await migrate(database, counterSchema);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const reconcilers = [counter(database, nodeId)];
  const engine = await makeEngine({
    ...{ database, clock: systemClock, log, reconcilers, nodeId },
    context: () => undefined,
  });
  await engine.start();
}

if (import.meta.main) {
  const [options, node] = process.argv.slice(2);
  if (!options || !node) throw new Error('It takes the database options and the name of the node.');
  await startCounting(JSON.parse(options) as DatabaseOptions, node);
  process.stdout.write('started\n');
}
