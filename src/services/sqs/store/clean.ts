import type { Db, Tx } from '../../../db/database.ts';
import { sql } from '../../../db/kysely.ts';
import { queuesToForget } from './kept.ts';
import { tables } from './tables.ts';

/** Queues that hold what is past its time, and those that are gone. Each looks at its oldest message alone. */
export async function queuesToClean(db: Db, now: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select q.id from sqs_queue q where (
      select m.sent_at from sqs_message m where m.queue_id = q.id order by m.seq limit 1
    ) <= ${now} - q.retention_ms`.execute(db);
  const deleted = await tables(db).selectFrom('sqs_deleted_queue').select('id').execute();
  const ids = new Set([...rows, ...deleted].map(({ id }) => id));
  for (const table of ['sqs_deduplication', 'sqs_attempt'] as const)
    for (const id of await queuesToForget(db, table, now)) ids.add(id);
  return [...ids];
}

/** Deletes those of the oldest `count` messages that were sent up to `until` (epoch ms). @returns how many */
export async function deleteExpired(
  tx: Tx,
  queueId: string,
  until: number,
  count: number,
): Promise<number> {
  const { rows } = await sql<{ seq: string }>`
    delete from sqs_message where queue_id = ${queueId} and sent_at <= ${until} and seq in (
      select seq from sqs_message where queue_id = ${queueId} order by seq limit ${count}
    ) returning seq`.execute(tx);
  return rows.length;
}

/** When a queue that is gone was deleted, in epoch milliseconds. */
export async function deletionOf(db: Db, id: string): Promise<number | undefined> {
  const row = await tables(db)
    .selectFrom('sqs_deleted_queue')
    .select('deleted_at')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.deleted_at;
}

/** The name may be used again, and nothing of the queue is left. */
export async function endDeletion(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('sqs_move_task').where('queue_id', '=', id).execute();
  await tables(tx).deleteFrom('sqs_deleted_queue').where('id', '=', id).execute();
}
