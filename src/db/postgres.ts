import { setTimeout as sleep } from 'node:timers/promises';
import type { KyselyPlugin } from 'kysely';
import pg from 'pg';
import { DatabaseGoneError, isLostConnection } from '../lib/database-gone.ts';
import type { OpenDatabase, TransactionOptions, Tx } from './database.ts';
import { Kysely, PostgresDialect } from './kysely.ts';
import { fromPostgres, toPostgres } from './postgres-text.ts';
import { insideTransaction, noteFailure, runScoped } from './scope.ts';
import { assertOutsideTransaction } from './sqlite.ts';

const POOL_SIZE = 20;
/** How long to wait for a connection: a new one, or one that others use. */
const CONNECT_MS = 10_000;
/** A transaction that others are in the way of is tried as often, and for as long, before it is given up. */
const ATTEMPTS = 16;
const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 250;

/**
 * serialization_failure, deadlock_detected and unique_violation: the transaction did nothing and may run again. The last is
 * how PostgreSQL may tell of a row that another transaction added since this one looked for it ("Serialization Failure
 * Handling" in its manual); here nothing counts on a constraint to refuse what a look would have found.
 */
const UNIQUE = '23505';
const RETRIED = new Set(['40001', '40P01', UNIQUE]);

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
    const sent = Array.isArray(values) ? values.map(toPostgres) : values;
    const answer: unknown = super.query(query, sent, done);
    return answer instanceof Promise ? answer.catch(rethrow) : answer;
  }
}

/** A pool that says of connections which it does not get that the database is gone, whatever the reason. */
class Pool extends pg.Pool {
  // biome-ignore lint/suspicious/noExplicitAny: pg's own signature, with a callback and without
  override connect(done?: any): any {
    if (done) return super.connect(done);
    return super.connect().catch((error) => {
      throw new DatabaseGoneError(error);
    });
  }
}

/** One connection without a pool, by which rows are arrays: what copies whole tables. */
export interface SqlClient {
  query(statement: string, values?: unknown[]): Promise<unknown[][]>;
  end(): Promise<void>;
}

/** @throws DatabaseGoneError */
export async function connectSql(url: string): Promise<SqlClient> {
  const client = new Client({
    ...{ connectionString: url, types: typeParsers },
    ...{ connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
  });
  // The statement under way says it, or the next one.
  client.on('error', () => {});
  await client.connect().catch((error) => {
    throw new DatabaseGoneError(error);
  });
  return {
    async query(text, values = []) {
      const { rows } = await client.query({ text, rowMode: 'array' }, values);
      return rows;
    },
    end: () => client.end(),
  };
}

function rethrow(error: unknown): never {
  throw isLostConnection(error) ? new DatabaseGoneError(error) : error;
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
  const pool = new Pool({
    ...{ connectionString: url, max: POOL_SIZE, types: typeParsers, Client },
    // A machine that is gone neither answers nor refuses.
    ...{ connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
  });
  const lost = (error: Error) => onError(new DatabaseGoneError(error));
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
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
    const until = Date.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await runScoped(work, (scoped) => builder.execute(scoped));
      } catch (error) {
        const { code = '' } = error as { code?: string };
        // A unique_violation that stays is no conflict.
        const patient = code !== UNIQUE && Date.now() < until;
        if (!RETRIED.has(code) || (attempt >= ATTEMPTS && !patient)) throw error;
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
