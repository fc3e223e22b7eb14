import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, type KyselyPlugin, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { OpenDatabase, TransactionOptions, Tx } from './database.ts';
import { fromPostgres, toPostgres } from './postgres-text.ts';
import { insideTransaction, noteFailure, runScoped } from './scope.ts';
import { assertOutsideTransaction } from './sqlite.ts';

const POOL_SIZE = 20;
const ATTEMPTS = 16;
const LONGEST_PAUSE_MS = 250;

/** serialization_failure and deadlock_detected: the transaction did nothing and may run again. */
const RETRIED = new Set(['40001', '40P01']);

const types = pg.types;
/** int8 and numeric (which sum() of a bigint is) are read as numbers, as SQLite gives them. */
const readAsNumber = new Set<number>([types.builtins.INT8, types.builtins.NUMERIC]);

const typeParsers: pg.CustomTypesConfig = {
  // biome-ignore lint/suspicious/noExplicitAny: pg's own signature
  getTypeParser(id: number, format?: any): any {
    if (id === types.builtins.TEXT) return fromPostgres;
    return readAsNumber.has(id) ? Number : types.getTypeParser(id, format);
  },
};

/** A connection that takes texts with U+0000 in them. */
class Client extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's own signature, of nine overloads
  override query(query: any, values?: any, done?: any): any {
    return super.query(query, Array.isArray(values) ? values.map(toPostgres) : values, done);
  }
}

/**
 * Opens a PostgreSQL database: `postgres://user@host/name`.
 * @param onError told of connections that broke while nobody used them.
 */
export function openPostgres(
  url: string,
  plugins: KyselyPlugin[],
  onError: (error: Error) => void = () => {},
): OpenDatabase {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, types: typeParsers, Client });
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  const writer = new Kysely<object>({
    plugins,
    dialect: new PostgresDialect({ pool }),
    log: (event) => {
      if (event.level === 'error') noteFailure();
    },
  });
  const db = new Kysely<object>({
    plugins,
    dialect: new PostgresDialect({
      pool: {
        connect: () => {
          assertOutsideTransaction();
          return pool.connect();
        },
        end: async () => {},
      } as pg.Pool,
    }),
  });

  async function transaction<T>(
    work: (tx: Tx) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    if (insideTransaction()) throw new Error('A transaction inside a transaction: pass the tx on.');
    const builder = writer.transaction().setIsolationLevel(options.isolation ?? 'serializable');
    for (let attempt = 1; ; attempt++) {
      try {
        return await runScoped(work, (scoped) => builder.execute(scoped));
      } catch (error) {
        if (attempt >= ATTEMPTS || !RETRIED.has((error as { code?: string }).code ?? ''))
          throw error;
        await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 4 * 2 ** attempt));
      }
    }
  }

  return {
    dialect: 'postgres',
    db,
    writer,
    pool,
    transaction,
    async synced() {},
    async close() {
      await db.destroy();
      await writer.destroy();
      // Kysely leaves a pool alone that was never used.
      if (!pool.ending) await pool.end();
    },
  };
}
