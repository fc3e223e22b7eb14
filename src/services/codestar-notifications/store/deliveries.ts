import type { Db, Tx } from '../../../db/database.ts';
import type { AwsEvent } from '../../../engine/events.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

/** An event that is owed to one target of one rule. */
export interface Delivery {
  queue: string;
  position: number;
  startedAt: Date;
  event: AwsEvent;
  /** Tries that failed. */
  attempts: number;
  /** The next try is not before. */
  nextAt?: Date;
}

type DeliveryBody = Omit<Delivery, 'queue' | 'position' | 'startedAt'>;

/** Puts it behind what the queue has. */
export async function addDelivery(
  tx: Tx,
  { queue, startedAt, ...body }: Omit<Delivery, 'position'>,
): Promise<void> {
  const { last } = await tables(tx)
    .selectFrom('codestar_notifications_delivery')
    .select(({ fn }) => fn.max('position').as('last'))
    .where('queue', '=', queue)
    .executeTakeFirstOrThrow();
  const position = Number(last ?? 0) + 1;
  await tables(tx)
    .insertInto('codestar_notifications_delivery')
    .values({ queue, position, started_at: startedAt.getTime(), body: encodeJson(body) })
    .execute();
}

/** What comes next. */
export async function firstDelivery(db: Db | Tx, queue: string): Promise<Delivery | undefined> {
  const row = await tables(db)
    .selectFrom('codestar_notifications_delivery')
    .selectAll()
    .where('queue', '=', queue)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { position, started_at } = row;
  return {
    ...{ queue, position: Number(position), startedAt: new Date(started_at) },
    ...decodeJson<DeliveryBody>(row.body),
  };
}

export async function updateDelivery(
  tx: Tx,
  { queue, position, startedAt, ...body }: Delivery,
): Promise<void> {
  await tables(tx)
    .updateTable('codestar_notifications_delivery')
    .set({ body: encodeJson(body) })
    .where('queue', '=', queue)
    .where('position', '=', position)
    .where('started_at', '=', startedAt.getTime())
    .execute();
}

/** Another one that has come to its position, since the queue was dropped while it was told, stays. */
export async function deleteDelivery(
  tx: Tx,
  { queue, position, startedAt }: Delivery,
): Promise<void> {
  await tables(tx)
    .deleteFrom('codestar_notifications_delivery')
    .where('queue', '=', queue)
    .where('position', '=', position)
    .where('started_at', '=', startedAt.getTime())
    .execute();
}

export async function dropQueue(tx: Tx, queue: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codestar_notifications_delivery')
    .where('queue', '=', queue)
    .execute();
}

/** Those in which something is owed; the engine's sweep wakes those whose wake-up was missed. */
export async function listQueues(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codestar_notifications_delivery')
    .select('queue')
    .distinct()
    .execute();
  return rows.map(({ queue }) => queue);
}
