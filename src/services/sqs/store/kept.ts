import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

/** What a FIFO queue remembers for five minutes: messages that it took, and receives that may be repeated. */
export type Kept = 'sqs_deduplication' | 'sqs_attempt';

export async function findKept<T>(
  tx: Tx,
  table: Kept,
  { queueId, key, now }: { queueId: string; key: string; now: number },
): Promise<T | undefined> {
  const row = await tables(tx)
    .selectFrom(table)
    .select('body')
    .where('queue_id', '=', queueId)
    .where('key', '=', key)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row && decodeJson<T>(row.body);
}

export async function keep(
  tx: Tx,
  table: Kept,
  { queueId, key, expiresAt }: { queueId: string; key: string; expiresAt: number },
  value: unknown,
): Promise<void> {
  const changed = { expires_at: expiresAt, body: encodeJson(value) };
  await tables(tx)
    .insertInto(table)
    .values({ queue_id: queueId, key, ...changed })
    .onConflict((conflict) => conflict.columns(['queue_id', 'key']).doUpdateSet(changed))
    .execute();
}

/** Forgets what is past its time; all, where no time is said. */
export async function forget(
  tx: Tx,
  table: Kept,
  { queueId, now }: { queueId: string; now?: number },
): Promise<void> {
  const rows = tables(tx).deleteFrom(table).where('queue_id', '=', queueId);
  await (now === undefined ? rows : rows.where('expires_at', '<=', now)).execute();
}

/** Queues that remember what is past its time. */
export async function queuesToForget(db: Db, table: Kept, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom(table)
    .select('queue_id')
    .distinct()
    .where('expires_at', '<=', now)
    .execute();
  return rows.map(({ queue_id }) => queue_id);
}
