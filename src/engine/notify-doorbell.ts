import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { sql } from '../db/kysely.ts';
import type { Clock } from '../lib/clock.ts';
import type { Doorbell } from './doorbell.ts';

/** One for all topics: which is rung for is the notification's payload. */
const CHANNEL = 'slipway';
/** How long to wait before the database is asked once more, when it did not answer. */
const RETRY_MS = 1_000;

/**
 * Several nodes on PostgreSQL: NOTIFY, which takes effect at the commit of its transaction, and one connection of each
 * node that listens. When that breaks, another takes its place, and all that may have rung meanwhile counts as rung.
 */
export class NotifyDoorbell implements Doorbell {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #log: Logger;
  #answer: (topic: string) => void = () => {};
  #missed: () => void = () => {};
  /** Gives the connection that listens back. */
  #leave: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #open = false;

  constructor(pool: Pool, clock: Clock, log: Logger) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
  }

  ring: Doorbell['ring'] = async (tx, topic) => {
    await sql`select pg_notify(${CHANNEL}, ${topic})`.execute(tx);
  };

  start: Doorbell['start'] = async (answer, missed) => {
    this.#answer = answer;
    this.#missed = missed;
    this.#open = true;
    await this.#listen();
  };

  async stop(): Promise<void> {
    this.#open = false;
    this.#cancelRetry?.();
    this.#leave?.();
  }

  async #listen(): Promise<void> {
    const client = await this.#pool.connect();
    const leave = leaveOnce(client);
    this.#leave = leave;
    const lost = () => {
      if (leave() && this.#open) this.#listenLater();
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => this.#answer(payload));
    try {
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      if (leave()) throw error;
      // Its end was heard before: somebody is on the way already.
      return;
    }
    if (!this.#open) leave();
  }

  #listenLater(): void {
    const at = new Date(this.#clock.now().getTime() + RETRY_MS);
    this.#cancelRetry = this.#clock.at(at, () => void this.#listenAgain());
  }

  async #listenAgain(): Promise<void> {
    try {
      await this.#listen();
      this.#missed();
    } catch (error) {
      this.#log.error({ err: error }, 'Could not listen to the database');
      if (this.#open) this.#listenLater();
    }
  }
}

/** What ends a connection, which must not go back to the pool. @returns false from the second time on */
function leaveOnce(client: PoolClient): () => boolean {
  let left = false;
  return () => {
    if (left) return false;
    left = true;
    client.removeAllListeners('notification');
    client.release(true);
    return true;
  };
}
