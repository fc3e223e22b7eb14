import type { Tx } from '../../../db/database.ts';
import { PostgresAdapter } from '../../../db/kysely.ts';
import type { Queue } from '../model/queue.ts';
import { type MessageRow, tables } from './tables.ts';

/** Takes the oldest that nobody has in hand out of a queue, for good: whoever asks puts them elsewhere. */
export async function removeVisible(
  tx: Tx,
  { id: queueId, settings }: Queue,
  now: number,
  count: number,
): Promise<MessageRow[]> {
  const all = tables(tx)
    .selectFrom('sqs_message')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('visible_at', '<=', now);
  // Many become visible in the same millisecond.
  const aged = settings.fifo ? all : all.orderBy('visible_at');
  const visible = aged.orderBy('seq').limit(count);
  const postgres = tx.getExecutor().adapter instanceof PostgresAdapter;
  const rows = await (postgres ? visible.forUpdate().skipLocked() : visible).execute();
  if (rows.length === 0) return [];
  await tables(tx)
    .deleteFrom('sqs_message')
    .where('queue_id', '=', queueId)
    .where(
      'seq',
      'in',
      rows.map(({ seq }) => seq),
    )
    .execute();
  return rows.sort((a, b) => (a.seq < b.seq ? -1 : 1));
}
