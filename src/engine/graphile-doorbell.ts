import { EventEmitter } from 'node:events';
import { Logger as GraphileLogger, type Runner, run, runMigrations } from 'graphile-worker';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import { alone } from '../db/migrate.ts';
import type { Doorbell } from './doorbell.ts';

const TASK = 'slipway/wake';
/** Jobs are short: they only claim. */
const CONCURRENCY = 4;
/** How often graphile-worker looks for jobs that no notification told of. */
const POLL_MS = 2_000;

/** Several nodes on PostgreSQL: graphile-worker, whose jobs are added in the transaction itself. */
export async function graphileDoorbell(database: OpenDatabase, log: Logger): Promise<Doorbell> {
  const pgPool = database.pool;
  if (!pgPool) throw new Error('graphile-worker needs PostgreSQL.');
  const logger = graphileLogger(log);
  await alone(database, () => runMigrations({ pgPool, logger }));
  const pools = new Set<string>();
  const events = new EventEmitter();
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) =>
    pools.add(workerPool.id),
  );
  let runner: Runner | undefined;

  return {
    async ring(tx, name) {
      await sql`select 1 from graphile_worker.add_job(${TASK}, json_build_object('name', ${name}::text))`.execute(
        tx,
      );
    },
    async start(answer) {
      runner = await run({
        pgPool,
        logger,
        events,
        concurrency: CONCURRENCY,
        pollInterval: POLL_MS,
        noHandleSignals: true,
        taskList: { [TASK]: (payload) => answer((payload as { name: string }).name) },
        crontab: '',
      });
      runner.promise.catch((error) => log.error({ err: error }, 'graphile-worker stopped'));
    },
    async stop() {
      await runner?.stop();
      runner = undefined;
    },
    workers: () => [...pools],
    async release(workers) {
      if (workers.length > 0)
        await pgPool.query('select graphile_worker.force_unlock_workers($1)', [workers]);
    },
  };
}

/** graphile-worker's log lines, in ours; its routine ones at debug level. */
function graphileLogger(log: Logger): GraphileLogger {
  return new GraphileLogger(() => (level, message, meta) => {
    if (level === 'error') log.error({ ...meta }, message);
    else if (level === 'warning') log.warn({ ...meta }, message);
    else log.debug(message);
  });
}
